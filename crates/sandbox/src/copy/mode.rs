//! Modes in words (`u=rwX,go=rX`), as `COPY --chmod` takes them: BSD's `setmode` with no umask.

const USER: u32 = 0o4700;
const GROUP: u32 = 0o2070;
const OTHER: u32 = 0o007;
const STICKY: u32 = 0o1000;
const STANDARD: u32 = USER | GROUP | OTHER;

/// A list of changes to permission bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModeSet {
    changes: Vec<Change>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    /// `+`, `-` or `=`
    op: u8,
    /// Which bits may change.
    who: u32,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    /// These bits.
    Bits(u32),
    /// Execution, where it is a directory or somebody may execute it already.
    Search,
    /// The bits of `u`, `g` or `o`, by their shift.
    Like(u32),
}

impl ModeSet {
    /// Reads one; `None` is Go's `invalid syntax`.
    pub fn parse(text: &str) -> Option<Self> {
        if text.bytes().next()?.is_ascii_digit() {
            let bits = u32::from_str_radix(text, 8).ok().filter(|bits| *bits <= 0o7777)?;
            let change = Change { op: b'=', who: STANDARD | STICKY, what: What::Bits(bits) };
            return Some(Self { changes: vec![change] });
        }
        let mut changes = Vec::new();
        for clause in text.split(',') {
            let letters = clause.bytes().take_while(|byte| b"augo".contains(byte));
            let who = letters.fold(0, |who, letter| {
                who | match letter {
                    b'a' => STANDARD,
                    b'u' => USER,
                    b'g' => GROUP,
                    _ => OTHER,
                }
            });
            let mut rest = clause.trim_start_matches(['a', 'u', 'g', 'o']).bytes().peekable();
            rest.peek()?;
            while let Some(op) = rest.next() {
                if !matches!(op, b'+' | b'-' | b'=') {
                    return None;
                }
                let mut reach = if who == 0 { STANDARD } else { who };
                let mut bits = 0;
                let mut parts = Vec::new();
                while let Some(letter) = rest.next_if(|byte| !matches!(byte, b'+' | b'-' | b'=')) {
                    let others_only = who != 0 && who & !OTHER == 0;
                    match letter {
                        b'r' => bits |= 0o444,
                        b'w' => bits |= 0o222,
                        b'x' => bits |= 0o111,
                        b'X' if op == b'-' => bits |= 0o111,
                        b'X' => parts.push(What::Search),
                        b's' if !others_only => bits |= 0o6000,
                        b't' if !others_only => {
                            bits |= STICKY;
                            reach |= STICKY;
                        }
                        b's' | b't' => {}
                        b'u' => parts.push(What::Like(6)),
                        b'g' => parts.push(What::Like(3)),
                        b'o' => parts.push(What::Like(0)),
                        _ => return None,
                    }
                }
                if bits != 0 || parts.is_empty() {
                    parts.insert(0, What::Bits(bits));
                }
                for (index, what) in parts.into_iter().enumerate() {
                    // Only the first part of `=rX` clears what was there.
                    let op = if op == b'=' && (index > 0 || what == What::Search) { b'+' } else { op };
                    if index == 0 && op == b'+' && what == What::Search && clause.contains('=') {
                        changes.push(Change { op: b'=', who: reach, what: What::Bits(0) });
                    }
                    changes.push(Change { op, who: reach, what });
                }
            }
        }
        Some(Self { changes })
    }

    /// The mode after the changes.
    pub fn apply(&self, mode: u32, is_dir: bool) -> u32 {
        let mut new = mode;
        for change in &self.changes {
            let bits = match change.what {
                What::Bits(bits) => bits,
                What::Search if is_dir || mode & 0o111 != 0 => 0o111,
                What::Search => 0,
                What::Like(shift) => ((new >> shift) & 7) * 0o111,
            } & change.who;
            match change.op {
                b'+' => new |= bits,
                b'-' => new &= !bits,
                _ => new = (new & !change.who) | bits,
            }
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_change_modes() {
        for (text, mode, is_dir, expected) in [
            ("755", 0o600, false, 0o755),
            ("u=rwX,go=rX", 0o600, false, 0o644),
            ("u=rwX,go=rX", 0o700, true, 0o755),
            ("+x", 0o644, false, 0o755),
            ("a-w", 0o666, false, 0o444),
            ("go=", 0o777, false, 0o700),
            ("go=u-w", 0o740, false, 0o755),
            ("u+s,+t", 0o755, false, 0o5755),
            ("o=g", 0o750, false, 0o755),
        ] {
            assert_eq!(ModeSet::parse(text).unwrap().apply(mode, is_dir), expected, "{text}");
        }
        for text in ["", "u", "rwx", "u=q", "8", "77777", "u+x,"] {
            assert_eq!(ModeSet::parse(text), None, "{text}");
        }
    }
}
