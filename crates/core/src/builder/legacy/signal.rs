//! Names of signals, as `STOPSIGNAL` takes them.

use stagecraft_dockerfile::go;

const NAMES: [&str; 33] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE",
    "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU",
    "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU",
];

/// Whether the engine takes it: a number other than 0, or a name with or without `SIG`.
pub(super) fn check(signal: &str) -> Result<(), String> {
    let known = match signal.parse::<i64>() {
        Ok(number) => number != 0,
        Err(_) => known(signal),
    };
    if known { Ok(()) } else { Err(format!("Invalid signal: {signal}")) }
}

fn known(signal: &str) -> bool {
    let upper = go::upper(signal).into_owned();
    let name = upper.strip_prefix("SIG").unwrap_or(&upper);
    let offset = |rest: &str, sign: char, max: u32| {
        rest.is_empty()
            || rest.strip_prefix(sign).is_some_and(|n| {
                !n.starts_with('0')
                    && !n.starts_with('+')
                    && n.parse::<u32>().is_ok_and(|n| n >= 1 && n <= max)
            })
    };
    if let Some(rest) = name.strip_prefix("RTMIN") {
        return offset(rest, '+', 15);
    }
    if let Some(rest) = name.strip_prefix("RTMAX") {
        return offset(rest, '-', 14);
    }
    name == "XFSZ" || NAMES.contains(&name)
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_and_names() {
        for good in ["9", "SIGKILL", "kill", "SIGRTMIN+3", "RTMAX-14", "-1"] {
            assert!(super::check(good).is_ok(), "{good}");
        }
        for bad in ["0", "SIGNOPE", "RTMIN+16", "RTMAX+1", "", "RTMIN+03"] {
            assert_eq!(super::check(bad), Err(format!("Invalid signal: {bad}")));
        }
    }
}
