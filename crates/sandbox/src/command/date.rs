//! `date`. There is no clock: the time is fixed and said to be made up, unless one is given.

use super::opts;
use crate::shell::Why;
use crate::shell::machine::{Halt, UNKNOWN};
use crate::shell::process::{Process, Run};

/// 2026-01-01 00:00:00
const NOW: i64 = 1_767_225_600;
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Days since 1970 of a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day of a day since 1970.
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

/// `@SECONDS`, `YYYY-MM-DD` with or without a time of day.
fn read(text: &str) -> Option<i64> {
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.parse().ok();
    }
    let text = text.trim().trim_end_matches("UTC").trim_end_matches('Z').trim();
    let (date, time) = text.split_once(['T', ' ']).unwrap_or((text, ""));
    let numbers = |text: &str, mark: char| -> Option<Vec<i64>> {
        text.split(mark).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect()
    };
    let [year, month, day] = *numbers(date, '-')?.as_slice() else { return None };
    let time = numbers(time, ':')?;
    let part = |at: usize| time.get(at).copied().unwrap_or(0);
    let valid =
        (1..=12).contains(&month) && (1..=31).contains(&day) && part(0) < 24 && part(1) < 60 && part(2) < 61;
    valid.then(|| days(year, month, day) * 86_400 + part(0) * 3600 + part(1) * 60 + part(2))
}

/// Whether GNU's `date` makes nothing of it: a single word that names no day, month, unit or time zone.
pub(super) fn meaningless(text: &str) -> bool {
    const BEGINNINGS: &str = "jan feb mar apr may jun jul aug sep oct nov dec sun mon tue wed thu fri sat \
        yea for wee day hou min sec tom yes tod now las thi nex fir fou fif six sev eig nin ten ele twe ago dst";
    let word = text.to_ascii_lowercase();
    let head = word.get(..3).unwrap_or(&word);
    const ZONES: &str = "gmt utc wet bst art brt nst ndt ast adt clt est edt cst cdt mst mdt pst pdt hst sst wat cet \
        met mez eet cat sat eat msk msd ist sgt kst jst gst";
    (word.len() > 3 || word.len() == 3 && !ZONES.split(' ').any(|zone| zone == word))
        && word.chars().all(|c| c.is_ascii_lowercase())
        && !BEGINNINGS.split(' ').any(|known| known == head)
        && !["west", "bst", "cest", "mest", "eest", "hst"].contains(&word.as_str())
}

fn written(format: &str, time: i64, depth: u32) -> String {
    let (year, month, day) = civil(time.div_euclid(86_400));
    let second = time.rem_euclid(86_400);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let weekday = (time.div_euclid(86_400) + 4).rem_euclid(7);
    let two = |value: i64| format!("{value:02}");
    let name = |names: &[&str], at: i64| {
        usize::try_from(at).ok().and_then(|at| names.get(at).copied()).unwrap_or("").to_owned()
    };
    let short = |names: &[&str], at: i64| name(names, at).chars().take(3).collect::<String>();
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut kind = chars.next();
        let bare = kind == Some('-');
        if bare {
            kind = chars.next();
        }
        let nested = |format: &str| if depth < 2 { written(format, time, depth + 1) } else { String::new() };
        let text = match kind {
            Some('Y') => year.to_string(),
            Some('C') => two(year / 100),
            Some('y') => two(year % 100),
            Some('m') => two(month),
            Some('d') => two(day),
            Some('e') => format!("{day:2}"),
            Some('H') => two(hour),
            Some('I') => two((hour + 11) % 12 + 1),
            Some('k') => format!("{hour:2}"),
            Some('M') => two(minute),
            Some('S') => two(second),
            Some('s') => time.to_string(),
            Some('p') => (if hour < 12 { "AM" } else { "PM" }).to_owned(),
            Some('F') => nested("%Y-%m-%d"),
            Some('T') => nested("%H:%M:%S"),
            Some('R') => nested("%H:%M"),
            Some('D') => nested("%m/%d/%y"),
            Some('c') => nested("%a %b %e %T %Y"),
            Some('Z') => "UTC".to_owned(),
            Some('z') => "+0000".to_owned(),
            Some('b' | 'h') => short(&MONTHS, month - 1),
            Some('B') => name(&MONTHS, month - 1),
            Some('a') => short(&DAYS, weekday),
            Some('A') => name(&DAYS, weekday),
            Some('u') => ((weekday + 6) % 7 + 1).to_string(),
            Some('w') => weekday.to_string(),
            Some('j') => format!("{:03}", days(year, month, day) - days(year, 1, 1) + 1),
            Some('N') => "000000000".to_owned(),
            Some('n') => "\n".to_owned(),
            Some('t') => "\t".to_owned(),
            Some('%') => "%".to_owned(),
            Some(other) => ["%", other.encode_utf8(&mut [0; 4])].concat(),
            None => "%".to_owned(),
        };
        let cut = text.trim_start_matches(['0', ' ']);
        out.push_str(if bare && !cut.is_empty() { cut } else { &text });
    }
    out
}

pub(super) fn run(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("utc", 'u'),
        ("universal", 'u'),
        ("date=", 'd'),
        ("iso-8601", 'I'),
        ("rfc-email", 'R'),
        ("rfc-2822", 'R'),
    ];
    // What follows `-I` belongs to it.
    let mut detail = String::new();
    for arg in &mut p.args {
        let found = arg.strip_prefix("-I").or_else(|| arg.strip_prefix("--iso-8601="));
        if let Some(found) = found.filter(|found| !found.is_empty()) {
            found.clone_into(&mut detail);
            "-I".clone_into(arg);
        }
    }
    let opts = opts::parse(p, "ud:r:IRD:s:", &longs)?;
    let iso = match detail.as_str() {
        "" | "date" => "%F",
        "hours" => "%FT%H+00:00",
        "minutes" => "%FT%R+00:00",
        "seconds" => "%FT%T+00:00",
        "ns" => "%FT%T,%N+00:00",
        _ if p.busybox() => return super::usage(p),
        other => return p.option(["-I", other].concat()),
    };
    if opts.any("rDs") {
        return p.option("-r");
    }
    let time = match opts.value('d') {
        Some(text) => match read(text) {
            Some(time) => time,
            // What is relative to now, and other forms, are for the real one.
            None if text.contains(|c: char| c.is_ascii_digit() || matches!(c, ' ' | UNKNOWN))
                || !p.busybox() =>
            {
                if !p.busybox() && meaningless(text) && !text.contains(UNKNOWN) {
                    return p.fail(1, &format!("invalid date ‘{text}’"));
                }
                return Err(Halt::Unknown(Why::Option(["-d ", text].concat())));
            }
            None => {
                let text = ["invalid date '", text, "'"].concat();
                return p.fail(1, &text);
            }
        },
        None => {
            p.modelled();
            NOW
        }
    };
    let format = match opts.operands.first() {
        Some(word) => match word.strip_prefix('+') {
            Some(format) => format.to_owned(),
            None => return p.option(word.clone()),
        },
        None if opts.has('R') => "%a, %d %b %Y %T %z".to_owned(),
        None if opts.has('I') => iso.to_owned(),
        None => "%a %b %e %T UTC %Y".to_owned(),
    };
    p.line(&written(&format, time, 0))?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_written() {
        for (text, time) in [("1970-01-01", 0), ("2000-02-29 12:00:00", 951_825_600), ("@5", 5)] {
            assert_eq!(read(text), Some(time), "{text}");
        }
        assert_eq!(read("2020-13-01"), None);
        assert_eq!(written("%F %T %a %j", 951_825_600, 0), "2000-02-29 12:00:00 Tue 060");
        assert_eq!(written("%a %b %e", NOW, 0), "Thu Jan  1");
    }
}
