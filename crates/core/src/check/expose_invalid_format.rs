//! `EXPOSE` with an address or a port of the host.
//!
//! An image cannot say where its ports appear; that is up to `docker run -p`. It will be an error one day.
//!
//! ```dockerfile
//! # bad
//! EXPOSE 127.0.0.1:80:80
//! # good
//! EXPOSE 80
//! ```

use super::{Rule, Warning};
use stagecraft_dockerfile::Span;

/// The rule.
pub const RULE: Rule = Rule {
    name: "ExposeInvalidFormat",
    description: "IP address and host-port mapping should not be used in EXPOSE instruction. This will become an \
                  error in a future release",
    page: "expose-invalid-format",
    experimental: false,
};

/// `port` as expanded; `mapped`: it has an address or a port of the host; `written_at`: where it stands, if it is
/// written as it expands.
pub fn check(port: &str, mapped: bool, written_at: Option<Span>) -> Option<Warning> {
    if !mapped {
        return None;
    }
    let message =
        format!("EXPOSE instruction should not define an IP address or host-port mapping, found '{port}'");
    let warning = Warning::new(&RULE, message);
    let own = port.rsplit(':').next().unwrap_or(port);
    Some(match written_at {
        Some(span) => warning.replace("Leave the port of the image only", span, own.to_owned()),
        None => warning,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_are_reported() {
        assert_eq!(check("80", false, None), None);
        assert_eq!(
            check("8080:80", true, None).unwrap().message,
            "EXPOSE instruction should not define an IP address or host-port mapping, found '8080:80'"
        );
    }
}
