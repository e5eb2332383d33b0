//! `EXPOSE` with a protocol in capitals.
//!
//! It works today, but names of protocols are written in small letters everywhere else, `docker run -p` included.
//!
//! ```dockerfile
//! # bad
//! EXPOSE 80/TCP
//! # good
//! EXPOSE 80/tcp
//! ```

use super::{Rule, Warning};
use stagecraft_dockerfile::go;

/// The rule.
pub const RULE: Rule = Rule {
    name: "ExposeProtoCasing",
    description: "Protocol in EXPOSE instruction should be lowercase",
    page: "expose-proto-casing",
    experimental: false,
};

/// `port` as expanded, `protocol` as in it.
pub fn check(port: &str, protocol: &str) -> Option<Warning> {
    (protocol != go::lower(protocol).into_owned()).then(|| {
        Warning::new(&RULE, format!("Defined protocol '{port}' in EXPOSE instruction should be lowercase"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_are_reported() {
        assert_eq!(check("80/tcp", "tcp"), None);
        assert_eq!(
            check("80/TCP", "TCP").unwrap().message,
            "Defined protocol '80/TCP' in EXPOSE instruction should be lowercase"
        );
    }
}
