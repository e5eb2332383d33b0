//! Owners and permissions, as LLB takes them.

use super::super::{Owner, User};

/// Reads `user[:group]` (BuildKit `llb.WithUser`).
pub(super) fn owner(text: &str) -> Owner {
    match text.split_once(':') {
        Some((name, group)) => Owner { user: user(name), group: Some(user(group)) },
        None => Owner { user: user(text), group: None },
    }
}

fn user(text: &str) -> User {
    if text.is_empty() || text == "root" {
        return User::Id(0);
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let number = digits.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i32>().ok()).flatten();
    match number {
        #[allow(clippy::cast_sign_loss, reason = "LLB wraps it round as well")]
        Some(number) => User::Id(number as u32),
        None => User::Name(text.to_owned()),
    }
}

/// Whether a mode is made up as `chmod` has it, `u=rwX,go-w` (the `dchapes-mode` library).
pub(super) fn is_symbolic_mode(text: &str) -> bool {
    let mut rest = text.as_bytes();
    loop {
        while let [b'a' | b'u' | b'g' | b'o', tail @ ..] = rest {
            rest = tail;
        }
        loop {
            let [b'+' | b'-' | b'=', tail @ ..] = rest else { return false };
            rest = tail;
            while let [b'r' | b's' | b't' | b'w' | b'X' | b'x' | b'u' | b'g' | b'o', tail @ ..] = rest {
                rest = tail;
            }
            match rest {
                [] => return true,
                [b',', tail @ ..] => {
                    rest = tail;
                    break;
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names() {
        assert_eq!(owner("1000:0"), Owner { user: User::Id(1000), group: Some(User::Id(0)) });
        assert_eq!(owner("root"), Owner { user: User::Id(0), group: None });
        assert_eq!(owner("app:").group, Some(User::Id(0)));
        assert_eq!(owner("5x").user, User::Name("5x".into()));
    }

    #[test]
    fn symbolic_modes() {
        for mode in ["u=rwX,go=rX", "+x", "a+r-w", "g=u"] {
            assert!(is_symbolic_mode(mode), "{mode}");
        }
        for mode in ["", "x", "u", "u+r,", "+z", "755"] {
            assert!(!is_symbolic_mode(mode), "{mode}");
        }
    }
}
