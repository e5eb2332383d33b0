//! `gradlew` and `mvnw`: scripts in a project that fetch the tool, which then does the rest. What they refuse is as the
//! scripts of Gradle 8 and of Maven's wrapper 3.3 have it.

use super::help::{MB, OTHER, download, home, made, text};
use super::{absent, gradle as tool_gradle, maven as tool_maven};
use crate::shell::exec::{Found, find};
use crate::shell::machine::Halt;
use crate::shell::process::{Process, Run};

/// Whether a script is one of the wrappers, by its name and by what it says of itself.
pub(crate) fn is_wrapper(name: &str, script: &[u8]) -> bool {
    let says = |words: &str| script.windows(words.len()).any(|window| window == words.as_bytes());
    match name {
        "gradlew" => says("gradle-wrapper.jar"),
        "mvnw" => says("Maven Wrapper") || says("maven-wrapper"),
        _ => false,
    }
}

/// The directory of the script.
fn dir(p: &Process<'_, '_>) -> String {
    let path = p.path(&p.given);
    crate::tree::parent(&crate::tree::clean(&path)).trim_end_matches('/').to_owned()
}

/// Whether there is no Java: neither where `JAVA_HOME` says nor in `PATH`.
fn lacks_java(p: &Process<'_, '_>) -> Result<bool, Halt> {
    if let Some(home) = p.env.get("JAVA_HOME").filter(|home| !home.is_empty()) {
        return absent(p, &[home, "/bin/java"].concat());
    }
    let path = p.env.get("PATH").map_or("", String::as_str);
    Ok(matches!(find(p.m, "java", path, &p.cwd, &p.cred), Found::Missing))
}

pub(super) fn gradle(p: &mut Process<'_, '_>) -> Run {
    if lacks_java(p)? {
        p.error("")?;
        let said = match p.env.get("JAVA_HOME").filter(|home| !home.is_empty()) {
            Some(home) => ["ERROR: JAVA_HOME is set to an invalid directory: ", home].concat(),
            None => {
                "ERROR: JAVA_HOME is not set and no 'java' command could be found in your PATH.".to_owned()
            }
        };
        p.error(&said)?;
        p.error("")?;
        p.error("Please set the JAVA_HOME variable in your environment to match the")?;
        p.error("location of your Java installation.")?;
        return Ok(1);
    }
    let dir = dir(p);
    let jar = [&dir, "/gradle/wrapper/gradle-wrapper.jar"].concat();
    if absent(p, &jar)? {
        let script = text(p, &[&dir, "/gradlew"].concat())?.unwrap_or_default();
        if script.contains("-jar \"$APP_HOME") {
            p.error(&["Error: Unable to access jarfile ", &jar].concat())?;
        } else {
            p.error("Error: Could not find or load main class org.gradle.wrapper.GradleWrapperMain")?;
            p.error("Caused by: java.lang.ClassNotFoundException: org.gradle.wrapper.GradleWrapperMain")?;
        }
        return Ok(1);
    }
    let properties = [&dir, "/gradle/wrapper/gradle-wrapper.properties"].concat();
    if absent(p, &properties)? {
        p.error(&format!(
            "Exception in thread \"main\" java.lang.RuntimeException: Wrapper properties file '{properties}' does not exist."
        ))?;
        return Ok(1);
    }
    let url = distribution(p, &properties)?;
    let user = p.env.get("GRADLE_USER_HOME").cloned().unwrap_or_else(|| [&home(p), "/.gradle"].concat());
    fetched(p, &[&user, "/wrapper/dists/"].concat(), &url, 150 * MB)?;
    p.name = "gradle".to_owned();
    tool_gradle::run(p)
}

pub(super) fn maven(p: &mut Process<'_, '_>) -> Run {
    if lacks_java(p)? {
        // Which words, depends on the script's age.
        p.error("Error: JAVA_HOME is not defined correctly.")?;
        return Ok(1);
    }
    let dir = dir(p);
    let properties = [&dir, "/.mvn/wrapper/maven-wrapper.properties"].concat();
    let script = text(p, &[&dir, "/mvnw"].concat())?.unwrap_or_default();
    if absent(p, &properties)? && script.contains("cannot read distributionUrl property") {
        p.error(&["cannot read distributionUrl property in ", &properties].concat())?;
        return Ok(1);
    }
    let url = distribution(p, &properties)?;
    let place = [&home(p), "/.m2/wrapper/dists/"].concat();
    fetched(p, &place, &url, 11 * MB)?;
    p.name = "mvn".to_owned();
    tool_maven::run(p)
}

/// What is to be fetched, as the properties say.
fn distribution(p: &mut Process<'_, '_>, properties: &str) -> Result<String, Halt> {
    let text = super::text(p, properties).unwrap_or_default();
    let url = text.lines().find_map(|line| line.strip_prefix("distributionUrl=")).unwrap_or("");
    Ok(url.replace("\\:", ":").trim().to_owned())
}

fn fetched(p: &mut Process<'_, '_>, place: &str, url: &str, size: u64) -> Result<(), Halt> {
    let file = url.rsplit('/').next().unwrap_or("").trim_end_matches(".zip");
    let name = if file.is_empty() { "distribution" } else { file };
    let path = [place, name, "/", OTHER].concat();
    if super::there(p, &path) {
        return Ok(());
    }
    if super::offline(p, "Exception in thread \"main\" java.net.UnknownHostException")? {
        return Err(Halt::Exit(1));
    }
    made(p, &path, size, 0o644, "wrapper", &[url.as_bytes()])?;
    download(p, size);
    Ok(())
}
