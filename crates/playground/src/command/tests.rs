use super::*;
use proptest::prelude::*;
use stagecraft_core::project::Project;
use stagecraft_core::simulation::Builder;

fn project() -> Project {
    Project {
        files: [("Dockerfile", ""), ("dev/Dockerfile", "")]
            .map(|(path, text)| (path.to_owned(), crate::project::text_file(text)))
            .into(),
        dockerfile: "Dockerfile".to_owned(),
        ..Project::default()
    }
}

#[test]
fn the_shortest_line_is_short() {
    assert_eq!(print(&project(), Builder::BuildKit), "docker build .");
    assert_eq!(print(&project(), Builder::Legacy), "DOCKER_BUILDKIT=0 docker build .");
}

#[test]
fn options_are_quoted() {
    let wanted = Project {
        dockerfile: "dev/Dockerfile".to_owned(),
        target: Some("release".to_owned()),
        build_args: vec![
            ("GO".to_owned(), "1.22".to_owned()),
            ("NAME".to_owned(), "it's a $NAME".to_owned()),
        ],
        platform: "linux/arm64".to_owned(),
        tags: vec!["shop:1".to_owned()],
        no_cache: true,
        ..project()
    };
    let line = print(&wanted, Builder::BuildKit);
    insta::assert_snapshot!(line, @r"docker build --file dev/Dockerfile --target release --build-arg GO=1.22 --build-arg 'NAME=it'\''s a $NAME' --platform linux/arm64 --tag shop:1 --no-cache .");
    assert_eq!(read(&line).unwrap().apply(&project()), wanted);
}

#[test]
fn pasted_lines_are_understood() {
    let read = |line| read(line).unwrap();
    assert_eq!(read("$ DOCKER_BUILDKIT=0 docker build -t app .").builder, Some(Builder::Legacy));
    assert_eq!(read("docker buildx build --load .").builder, Some(Builder::BuildKit));
    assert_eq!(read("docker build -fdev/Dockerfile .").dockerfile.as_deref(), Some("dev/Dockerfile"));
    assert_eq!(
        read("docker build --target=a \\\n  --build-arg \"X=a b\" .").build_args,
        [("X".into(), "a b".into())]
    );
    assert!(!read("docker build --no-cache=false .").no_cache);
    assert_eq!(read("docker build - < Dockerfile").notes.len(), 1);
}

#[test]
fn what_is_wrong_is_said() {
    let cases = [
        ("", "There is no command to read."),
        ("docker run -it alpine", "This is not “docker build”: it begins with “docker run”."),
        ("make all", "This is not “docker build”: it begins with “make”."),
        ("docker build --tagg x .", "“docker build” has no option --tagg."),
        ("docker build . --target", "The option --target needs a value."),
        ("docker build --build-arg '=x' .", "The option --build-arg does not take “=x”."),
        ("docker build 'x", "A single quote is not closed."),
        ("docker build a b", "The option PATH does not take “a b”."),
    ];
    for (line, expected) in cases {
        assert_eq!(read(line).unwrap_err().to_string(), expected, "{line}");
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_read(
        target in "[a-z ']{0,8}",
        args in proptest::collection::vec(("[A-Z_]{1,4}", "[ -~é\n]{0,12}"), 0..4),
        tags in proptest::collection::vec("[a-z:]{1,8}", 0..3),
        no_cache in any::<bool>(),
    ) {
        let target = Some(target).filter(|t| !t.is_empty());
        let wanted = Project { target, build_args: args, tags, no_cache, ..project() };
        let options = read(&print(&wanted, Builder::BuildKit)).unwrap();
        prop_assert_eq!(options.apply(&project()), wanted);
    }

    #[test]
    fn nothing_stops_it(line in "[ -~\n]{0,60}") {
        let _ = read(&line);
        let _ = read(&format!("docker build {line}"));
    }
}
