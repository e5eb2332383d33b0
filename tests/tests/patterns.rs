//! Well-known public patterns: what the image and the stage it is built in weigh, and what is in them, has to come out
//! plausibly. The bounds are wide; what must hold is the order of magnitude and what is in the image.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

use stagecraft_core::builder::{Cache, simulate};
use stagecraft_core::catalogue::Catalogue;
use stagecraft_core::footprint::{Footprint, Risk, of_image, single_stage};
use stagecraft_core::project::{ContextFile, FileContent, Project};
use stagecraft_core::simulation::Builder;
use std::collections::BTreeMap;

const MB: u64 = 1_000_000;

struct Pattern {
    name: &'static str,
    dockerfile: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// Megabytes that the image weighs, at least and at most.
    size: (u64, u64),
    /// Megabytes that the stage weighs at least which it is built in; 0 where there is none.
    builder: u64,
    /// `s` for a shell, `p` for a package manager, `c` for a compiler, `r` for root.
    holds: &'static str,
}

const GO: &[(&str, &str)] = &[
    ("go.mod", "module example.com/app\n\ngo 1.22\n"),
    ("main.go", "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hi\") }\n"),
];
const NODE: &[(&str, &str)] = &[
    (
        "package.json",
        r#"{"name":"app","version":"1.0.0","scripts":{"build":"vite build","start":"node server.js"},
"dependencies":{"express":"^4.19.0"},"devDependencies":{"vite":"^5.0.0","typescript":"^5.0.0","eslint":"^9.0.0"}}"#,
    ),
    (
        "package-lock.json",
        r#"{"name":"app","lockfileVersion":3,"packages":{"":{"name":"app"},"node_modules/express":{"version":"4.19.0"},"node_modules/vite":{"version":"5.0.0","dev":true,"bin":{"vite":"bin/vite.js"}},"node_modules/typescript":{"version":"5.0.0","dev":true},"node_modules/eslint":{"version":"9.0.0","dev":true}}}"#,
    ),
    ("server.js", "require('express')().listen(3000)\n"),
    ("index.html", "<!doctype html><title>x</title>\n"),
];
const PYTHON: &[(&str, &str)] =
    &[("requirements.txt", "flask==3.0.0\ngunicorn==22.0.0\n"), ("app.py", "import flask\n")];
const RUST: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[dependencies]\nserde = \"1\"\n",
    ),
    ("src/main.rs", "fn main() {}\n"),
];
const MAVEN: &[(&str, &str)] = &[
    (
        "pom.xml",
        "<project><modelVersion>4.0.0</modelVersion><groupId>x</groupId><artifactId>app</artifactId><version>1.0</version></project>",
    ),
    ("src/main/java/App.java", "class App { public static void main(String[] a) {} }\n"),
];
const CPP: &[(&str, &str)] =
    &[("Makefile", "app: main.cpp\n\tg++ -O2 -o app main.cpp\n"), ("main.cpp", "int main() { return 0; }\n")];

const PATTERNS: &[Pattern] = &[
    Pattern {
        name: "Go to scratch",
        dockerfile: "FROM golang AS build\nWORKDIR /src\nCOPY go.mod ./\nRUN go mod download\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\nUSER 65532\nENTRYPOINT [\"/app\"]\n",
        files: GO,
        size: (1, 30),
        builder: 500,
        holds: "",
    },
    Pattern {
        name: "Go to distroless",
        dockerfile: "FROM golang AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nFROM gcr.io/distroless/static-debian13:nonroot\nCOPY --from=build /app /app\nENTRYPOINT [\"/app\"]\n",
        files: GO,
        size: (2, 40),
        builder: 500,
        holds: "",
    },
    Pattern {
        name: "Go to Alpine",
        dockerfile: "FROM golang:alpine AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nFROM alpine\nRUN apk add --no-cache ca-certificates\nCOPY --from=build /app /app\nCMD [\"/app\"]\n",
        files: GO,
        size: (8, 60),
        builder: 150,
        holds: "spr",
    },
    Pattern {
        name: "Go in one stage",
        dockerfile: "FROM golang\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nCMD [\"/app\"]\n",
        files: GO,
        size: (600, 2000),
        builder: 0,
        holds: "spcr",
    },
    Pattern {
        name: "Node with production dependencies only",
        dockerfile: "FROM node AS build\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nFROM node:alpine\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci --omit=dev\nCOPY --from=build /app/server.js ./\nUSER node\nCMD [\"node\", \"server.js\"]\n",
        files: NODE,
        size: (100, 400),
        builder: 200,
        holds: "sp",
    },
    Pattern {
        name: "a front end into nginx",
        dockerfile: "FROM node AS build\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\nRUN npm run build\nFROM nginx:alpine\nCOPY --from=build /app/dist /usr/share/nginx/html\n",
        files: NODE,
        size: (20, 150),
        builder: 200,
        holds: "spr",
    },
    Pattern {
        name: "Python wheels",
        dockerfile: "FROM python AS build\nWORKDIR /w\nCOPY requirements.txt .\nRUN pip install --prefix=/install --no-cache-dir -r requirements.txt\nFROM python:slim\nCOPY --from=build /install /usr/local\nCOPY app.py /app.py\nUSER 1000\nCMD [\"python\", \"/app.py\"]\n",
        files: PYTHON,
        size: (100, 300),
        builder: 500,
        holds: "sp",
    },
    Pattern {
        name: "Python in one stage",
        dockerfile: "FROM python\nWORKDIR /w\nCOPY . .\nRUN pip install -r requirements.txt\nCMD [\"python\", \"app.py\"]\n",
        files: PYTHON,
        size: (700, 1600),
        builder: 0,
        holds: "spcr",
    },
    Pattern {
        name: "Java with a JRE",
        dockerfile: "FROM maven AS build\nWORKDIR /src\nCOPY pom.xml .\nRUN mvn -B dependency:go-offline\nCOPY src src\nRUN mvn -B package\nFROM eclipse-temurin:21-jre\nCOPY --from=build /src/target/*.jar /app.jar\nUSER 1000\nENTRYPOINT [\"java\", \"-jar\", \"/app.jar\"]\n",
        files: MAVEN,
        size: (150, 450),
        builder: 350,
        holds: "sp",
    },
    Pattern {
        name: "Rust with a dependency layer",
        dockerfile: "FROM rust AS build\nWORKDIR /src\nCOPY Cargo.toml ./\nRUN mkdir src && echo 'fn main() {}' > src/main.rs && cargo build --release\nCOPY src src\nRUN touch src/main.rs && cargo build --release\nFROM debian:stable-slim\nCOPY --from=build /src/target/release/app /usr/local/bin/app\nUSER 1000\nCMD [\"app\"]\n",
        files: RUST,
        size: (60, 200),
        builder: 500,
        holds: "sp",
    },
    Pattern {
        name: "Rust to distroless",
        dockerfile: "FROM rust AS build\nWORKDIR /src\nCOPY . .\nRUN cargo build --release\nFROM gcr.io/distroless/cc-debian13\nCOPY --from=build /src/target/release/app /app\nENTRYPOINT [\"/app\"]\n",
        files: RUST,
        size: (10, 80),
        builder: 500,
        holds: "r",
    },
    Pattern {
        name: "C++ with make",
        dockerfile: "FROM gcc:7 AS build\nWORKDIR /src\nCOPY . .\nRUN make\nFROM debian:stable-slim\nCOPY --from=build /src/app /usr/local/bin/app\nCMD [\"app\"]\n",
        files: CPP,
        size: (50, 150),
        builder: 1000,
        holds: "spr",
    },
    Pattern {
        name: "a compiler installed and removed in one layer",
        dockerfile: "FROM alpine\nWORKDIR /src\nCOPY . .\nRUN apk add --no-cache --virtual .build g++ make && make && apk del .build\nCMD [\"/src/app\"]\n",
        files: CPP,
        size: (8, 60),
        builder: 0,
        holds: "spr",
    },
    Pattern {
        name: "a compiler installed in a layer of its own",
        dockerfile: "FROM alpine\nWORKDIR /src\nCOPY . .\nRUN apk add --no-cache g++ make\nRUN make\nCMD [\"/src/app\"]\n",
        files: CPP,
        size: (150, 500),
        builder: 0,
        holds: "spcr",
    },
    Pattern {
        name: "a monorepo with a shared base",
        dockerfile: "FROM node AS base\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nFROM base AS api\nCOPY server.js ./\nFROM base AS web\nCOPY . .\nRUN npm run build\nFROM nginx:alpine\nCOPY --from=web /app/dist /usr/share/nginx/html\nCOPY --from=api /app/server.js /srv/\n",
        files: NODE,
        size: (20, 150),
        builder: 200,
        holds: "spr",
    },
    Pattern {
        name: "tests in a stage that the image does not need",
        dockerfile: "FROM golang AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nFROM build AS test\nRUN go vet ./...\nFROM scratch\nCOPY --from=build /app /app\n",
        files: GO,
        size: (1, 30),
        builder: 500,
        holds: "r",
    },
    Pattern {
        name: "certificates into scratch",
        dockerfile: "FROM alpine AS certs\nRUN apk add --no-cache ca-certificates\nFROM golang AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nFROM scratch\nCOPY --from=build /app /app\nCOPY --from=build /etc/passwd /etc/passwd\nUSER nobody\n",
        files: GO,
        size: (1, 30),
        builder: 500,
        holds: "",
    },
    Pattern {
        name: "packages without recommendations, lists removed",
        dockerfile: "FROM debian:stable-slim\nRUN apt-get update && apt-get install -y --no-install-recommends curl && rm -rf /var/lib/apt/lists/*\n",
        files: &[],
        size: (70, 130),
        builder: 0,
        holds: "spr",
    },
    Pattern {
        name: "packages with recommendations, lists left",
        dockerfile: "FROM debian:stable-slim\nRUN apt-get update\nRUN apt-get install -y curl git\n",
        files: &[],
        size: (130, 500),
        builder: 0,
        holds: "spr",
    },
    Pattern {
        name: "a static site without a stage",
        dockerfile: "FROM nginx:alpine\nCOPY index.html /usr/share/nginx/html/\n",
        files: NODE,
        size: (20, 150),
        builder: 0,
        holds: "spr",
    },
];

fn footprints(pattern: &Pattern) -> Result<(Footprint, Option<Footprint>), String> {
    let file = |text: &str| ContextFile { content: FileContent::Text(text.to_owned()), mode: 0o644 };
    let mut files: BTreeMap<String, ContextFile> =
        pattern.files.iter().map(|(path, text)| ((*path).to_owned(), file(text))).collect();
    files.insert("Dockerfile".to_owned(), file(pattern.dockerfile));
    let project = Project { files, dockerfile: "Dockerfile".to_owned(), ..Project::default() };
    let catalogue = Catalogue::builtin();
    let mut all = Vec::new();
    for builder in [Builder::BuildKit, Builder::Legacy] {
        let (build, _) = simulate(&project, builder, &catalogue, &Cache::default());
        let Some(image) = &build.image else { return Err(format!("{}: {:?}", pattern.name, build.error)) };
        all.push((of_image(image), single_stage(&build).map(|(_, footprint)| footprint)));
    }
    let legacy = all.pop().unwrap();
    let buildkit = all.pop().unwrap();
    assert!(
        buildkit.0.size.abs_diff(legacy.0.size) < MB,
        "{}: both builders make the same image",
        pattern.name
    );
    Ok(buildkit)
}

fn letters(footprint: &Footprint) -> String {
    let letter = |risk: &Risk| match risk {
        Risk::Shell(_) => Some('s'),
        Risk::PackageManager(_) => Some('p'),
        Risk::Compiler(_) => Some('c'),
        Risk::Root => Some('r'),
        Risk::SetUid { .. } | Risk::Secret { .. } => None,
    };
    let mut letters: Vec<char> = footprint.risks.iter().filter_map(letter).collect();
    letters.sort_by_key(|c| "spcr".find(*c));
    letters.into_iter().collect()
}

#[test]
fn patterns_come_out_plausibly() {
    let mut odd = Vec::new();
    for pattern in PATTERNS {
        let (image, builder) = match footprints(pattern) {
            Ok(found) => found,
            Err(error) => {
                odd.push(error);
                continue;
            }
        };
        let size = image.size / MB;
        if size < pattern.size.0 || size > pattern.size.1 {
            odd.push(format!("{}: the image weighs {size} MB", pattern.name));
        }
        let builder = builder.map_or(0, |builder| builder.size / MB);
        if builder < pattern.builder || (pattern.builder == 0) != (builder == 0) {
            odd.push(format!("{}: its builder weighs {builder} MB", pattern.name));
        }
        if pattern.builder > 0 && builder <= size {
            odd.push(format!("{}: {builder} MB in one stage, {size} MB in several", pattern.name));
        }
        if letters(&image) != pattern.holds {
            odd.push(format!("{}: it holds \"{}\": {:?}", pattern.name, letters(&image), image.risks));
        }
    }
    assert_eq!(PATTERNS.len(), 20);
    assert!(odd.is_empty(), "{odd:#?}");
}

#[test]
fn a_deleted_secret_is_still_there() {
    let pattern = Pattern {
        name: "a secret",
        dockerfile: "FROM alpine\nCOPY id_rsa /root/.ssh/id_rsa\nRUN rm /root/.ssh/id_rsa && chmod 4755 /bin/busybox\n",
        files: &[("id_rsa", "not a key\n")],
        size: (0, 0),
        builder: 0,
        holds: "",
    };
    let (image, single) = footprints(&pattern).unwrap();
    assert!(single.is_none());
    let secret = Risk::Secret { path: "/root/.ssh/id_rsa".to_owned(), hidden: true };
    assert!(image.risks.contains(&secret), "{:?}", image.risks);
    let set_uid = |risk: &Risk| matches!(risk, Risk::SetUid { example, .. } if example == "/bin/busybox");
    assert!(image.risks.iter().any(set_uid), "{:?}", image.risks);
}
