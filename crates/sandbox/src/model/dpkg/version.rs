//! Versions as Debian orders them.

use std::cmp::Ordering;

/// Whether a relation of `dpkg --compare-versions` holds; `None` where it is none. No version is earlier than any, or
/// later for the relations that end in `-nl`.
pub(super) fn holds(one: &str, relation: &str, other: &str) -> Option<bool> {
    let later = relation.ends_with("-nl");
    let order = match (one.is_empty(), other.is_empty()) {
        (true, true) => Ordering::Equal,
        (true, false) => {
            if later {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        (false, true) => {
            if later {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (false, false) => compare(one, other),
    };
    Some(match relation.trim_end_matches("-nl") {
        "lt" | "<<" => order.is_lt(),
        "le" | "<=" | "<" => order.is_le(),
        "eq" | "=" => order.is_eq(),
        "ne" => order.is_ne(),
        "ge" | ">=" | ">" => order.is_ge(),
        "gt" | ">>" => order.is_gt(),
        _ => return None,
    })
}

fn compare(one: &str, other: &str) -> Ordering {
    let (epoch, one) = one.split_once(':').unwrap_or(("0", one));
    let (other_epoch, other) = other.split_once(':').unwrap_or(("0", other));
    let number = |text: &str| text.parse::<u64>().unwrap_or(0);
    let (upstream, revision) = one.rsplit_once('-').unwrap_or((one, ""));
    let (other_upstream, other_revision) = other.rsplit_once('-').unwrap_or((other, ""));
    number(epoch)
        .cmp(&number(other_epoch))
        .then_with(|| part(upstream, other_upstream))
        .then_with(|| part(revision, other_revision))
}

/// Turns of text and number: letters before other signs, `~` before the end.
fn part(one: &str, other: &str) -> Ordering {
    let weight = |c: Option<char>| match c {
        None => 0,
        Some('~') => -1,
        Some(c) if c.is_ascii_digit() => 0,
        Some(c) if c.is_ascii_alphabetic() => i64::from(u32::from(c)),
        Some(c) => i64::from(u32::from(c)) + 256,
    };
    let (mut one, mut other) = (one, other);
    while !one.is_empty() || !other.is_empty() {
        loop {
            let (a, b) = (one.chars().next(), other.chars().next());
            let text = |c: Option<char>| c.is_some_and(|c| !c.is_ascii_digit());
            if !text(a) && !text(b) {
                break;
            }
            let order = weight(a).cmp(&weight(b));
            if order.is_ne() {
                return order;
            }
            one = one.get(a.map_or(0, char::len_utf8)..).unwrap_or("");
            other = other.get(b.map_or(0, char::len_utf8)..).unwrap_or("");
        }
        let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (a, one_rest) = one.split_at_checked(digits(one)).unwrap_or((one, ""));
        let (b, other_rest) = other.split_at_checked(digits(other)).unwrap_or((other, ""));
        let (a, b) = (a.trim_start_matches('0'), b.trim_start_matches('0'));
        let order = a.len().cmp(&b.len()).then_with(|| a.cmp(b));
        if order.is_ne() {
            return order;
        }
        (one, other) = (one_rest, other_rest);
    }
    Ordering::Equal
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn versions_are_ordered_as_dpkg_orders_them() {
        for (one, relation, other) in [
            ("1.0", "lt", "1.1"),
            ("1.0~rc1", "lt", "1.0"),
            ("1.0-1", "gt", "1.0"),
            ("1:0.9", "gt", "2.0"),
            ("1.10", "gt", "1.9"),
            ("1.0a", "gt", "1.0"),
            ("1.0+b1", "gt", "1.0a"),
            ("12.04", "eq", "12.4"),
            ("", "lt", "1"),
            ("", "gt-nl", "1"),
            ("2.6.1", "ge", "2.6.1"),
        ] {
            assert_eq!(holds(one, relation, other), Some(true), "{one} {relation} {other}");
        }
        assert_eq!(holds("1", "foo", "2"), None);
    }
}
