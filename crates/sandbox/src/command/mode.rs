//! File modes as `chmod` reads them.

/// The mode that `text` makes of `old`; `None` if it is none. `umask` is taken off where no `ugoa` says who.
pub(crate) fn parse(text: &str, old: u32, directory: bool, umask: u32) -> Option<u32> {
    if text.bytes().all(|c| c.is_ascii_digit()) && !text.is_empty() {
        let mode = u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777)?;
        // Set-id bits of directories stay unless five digits say otherwise.
        let keep = if directory && text.len() < 5 { old & 0o6000 } else { 0 };
        return Some(mode | keep);
    }
    let mut mode = old;
    for clause in text.split(',') {
        let ops = clause.find(['+', '-', '='])?;
        let (who, mut rest) = clause.split_at_checked(ops)?;
        let mut mask = 0;
        for c in who.chars() {
            mask |= match c {
                'u' => 0o4700,
                'g' => 0o2070,
                'o' => 0o1007,
                'a' => 0o7777,
                _ => return None,
            };
        }
        let nobody = mask == 0;
        if nobody {
            mask = 0o7777;
        }
        while let Some(op) = rest.chars().next() {
            rest = rest.get(1..)?;
            let end = rest.find(['+', '-', '=']).unwrap_or(rest.len());
            let (perms, next) = rest.split_at_checked(end)?;
            rest = next;
            let mut bits = 0;
            for c in perms.chars() {
                bits |= match c {
                    'r' => 0o444,
                    'w' => 0o222,
                    'x' => 0o111,
                    'X' if directory || mode & 0o111 != 0 => 0o111,
                    'X' => 0,
                    's' => 0o6000,
                    't' => 0o1000,
                    'u' => ((mode >> 6) & 7) * 0o111,
                    'g' => ((mode >> 3) & 7) * 0o111,
                    'o' => (mode & 7) * 0o111,
                    _ => return None,
                };
            }
            // BusyBox gives others no such bit.
            bits &= mask;
            if nobody {
                bits &= !umask;
            }
            match op {
                '+' => mode |= bits,
                '-' => mode &= !bits,
                '=' => {
                    let keep = if directory { 0o6000 } else { 0 };
                    mode = (mode & (!mask | keep)) | bits;
                }
                _ => return None,
            }
        }
    }
    Some(mode & 0o7777)
}

/// `rwxr-xr-x` with the type's letter before it.
pub(crate) fn letters(kind: char, mode: u32) -> String {
    let mut text = String::with_capacity(10);
    text.push(kind);
    for (shift, special, on, off) in [(6, 0o4000, 's', 'S'), (3, 0o2000, 's', 'S'), (0, 0o1000, 't', 'T')] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (true, true) => on,
            (true, false) => off,
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{letters, parse};

    #[test]
    fn modes_are_read_as_chmod_does() {
        for (text, old, dir, answer) in [
            ("755", 0o644, false, Some(0o755)),
            ("+x", 0o644, false, Some(0o755)),
            ("u+x", 0o644, false, Some(0o744)),
            ("a-w,u+w", 0o666, false, Some(0o644)),
            ("go=", 0o777, false, Some(0o700)),
            ("g=u", 0o740, false, Some(0o770)),
            ("u=rwX,go=rX", 0o600, false, Some(0o644)),
            ("a+X", 0o600, true, Some(0o711)),
            ("1777", 0o755, true, Some(0o1777)),
            ("u+s", 0o755, false, Some(0o4755)),
            ("u+q", 0o755, false, None),
            ("99", 0o755, false, None),
        ] {
            assert_eq!(parse(text, old, dir, 0o022), answer, "{text}");
        }
        assert_eq!(letters('-', 0o4755), "-rwsr-xr-x");
        assert_eq!(letters('d', 0o1777), "drwxrwxrwt");
    }
}
