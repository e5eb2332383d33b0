//! `sha256sum`, `sha512sum`, `sha384sum`, `sha1sum`, `md5sum`, `base64`.

use super::opts;
use crate::shell::machine::{Errno, Halt, UNKNOWN, is_unknown};
use crate::shell::process::{Process, Run};
use sha2::Digest;

fn digest(name: &str, bytes: &[u8]) -> Option<String> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    Some(match name {
        "sha256sum" => hex(&sha2::Sha256::digest(bytes)),
        "sha512sum" => hex(&sha2::Sha512::digest(bytes)),
        "sha384sum" => hex(&sha2::Sha384::digest(bytes)),
        "md5sum" => hex(&super::md::md5(bytes)),
        "sha1sum" => hex(&super::md::sha1(bytes)),
        _ => return None,
    })
}

pub(super) fn sum(p: &mut Process<'_, '_>) -> Run {
    let longs = [
        ("check", 'c'),
        ("status", 's'),
        ("quiet", 'q'),
        ("binary", 'b'),
        ("text", 't'),
        ("strict", 'w'),
        ("ignore-missing", 'i'),
        ("warn", 'w'),
    ];
    let opts = opts::parse(p, "cbtws", &longs)?;
    let files = if opts.operands.is_empty() { vec!["-".to_owned()] } else { opts.operands.clone() };
    let mut code = 0;
    if !p.busybox()
        && p.args.iter().any(|arg| !arg.starts_with("--") && arg.starts_with('-') && arg.contains('s'))
    {
        p.complain("invalid option -- 's'")?;
        return super::try_help(p);
    }
    if opts.has('c') {
        let (mut bad, mut unread, mut all, mut opened) = (0, 0, 0, false);
        for file in &files {
            let list = match p.read(file)? {
                Ok(list) => list,
                // BusyBox reads nothing from a directory.
                Err(Errno::IsDir) if p.busybox() => Vec::new(),
                Err(errno) => {
                    code = 1;
                    let why = if errno == Errno::IsDir { "read error" } else { errno.text() };
                    p.complain(&[file, ": ", why].concat())?;
                    continue;
                }
            };
            if list.is_empty() && p.busybox() {
                code = p.fail(1, &[file, ": no checksum lines found"].concat())?;
                continue;
            }
            opened = true;
            for line in super::lines(&list) {
                // Two spaces, or one and a star, lie between.
                // Of a list that nobody knows, all is taken to be right.
                if line.contains(UNKNOWN) {
                    all += 1;
                    p.m.at_least(crate::shell::Certainty::Modelled);
                    if !opts.any("sq") {
                        p.line(&line)?;
                    }
                    continue;
                }
                let split = line
                    .split_once("  ")
                    .or_else(|| line.split_once(" *"))
                    .or_else(|| line.split_once(' ').filter(|_| !p.busybox() || !p.m.standalone()));
                let hex = |want: &str| want.len() >= 32 && want.bytes().all(|b| b.is_ascii_hexdigit());
                let Some((want, name)) = split.filter(|(want, _)| p.busybox() || hex(want)) else {
                    if p.busybox() {
                        all += 1;
                        bad += 1;
                        if opts.has('w') {
                            p.complain("invalid format")?;
                        }
                    }
                    continue;
                };
                let name = name.to_owned();
                all += 1;
                p.m.spend(10)?;
                let Some(bytes) = super::text::open(p, &name)? else {
                    if !opts.has('i') {
                        if p.busybox() {
                            bad += 1;
                        } else {
                            unread += 1;
                            code = 1;
                        }
                        if !opts.has('s') {
                            let text = if p.busybox() {
                                format!("{name}: FAILED")
                            } else {
                                format!("{name}: FAILED open or read")
                            };
                            p.line(&text)?;
                        }
                    }
                    continue;
                };
                let unknown = is_unknown(&bytes) || line.contains(UNKNOWN);
                let found = if unknown { None } else { digest(&p.name, &bytes) };
                match found {
                    // A download is taken to be what its sum says.
                    None => {
                        p.m.at_least(crate::shell::Certainty::Modelled);
                        if !opts.any("sq") {
                            p.line(&format!("{name}: OK"))?;
                        }
                    }
                    Some(found) if found.eq_ignore_ascii_case(want) => {
                        if !opts.any("sq") {
                            p.line(&format!("{name}: OK"))?;
                        }
                    }
                    Some(_) => {
                        bad += 1;
                        if !opts.has('s') {
                            p.line(&format!("{name}: FAILED"))?;
                        }
                    }
                }
            }
        }
        if all == 0 {
            code = 1;
            if !p.busybox() && opened {
                let file = files.first().map_or("", String::as_str);
                p.complain(
                    &[
                        if file == "-" { "'standard input'" } else { file },
                        ": no properly formatted checksum lines found",
                    ]
                    .concat(),
                )?;
            }
        }
        if unread > 0 && !opts.has('s') {
            let files = if unread == 1 {
                " listed file could not be read"
            } else {
                " listed files could not be read"
            };
            p.complain(&format!("WARNING: {unread}{files}"))?;
        }
        if bad > 0 {
            code = 1;
            if !opts.has('s') {
                let text = if p.busybox() {
                    format!("WARNING: {bad} of {all} computed checksums did NOT match")
                } else if bad == 1 {
                    "WARNING: 1 computed checksum did NOT match".to_owned()
                } else {
                    format!("WARNING: {bad} computed checksums did NOT match")
                };
                p.complain(&text)?;
            }
        }
        return Ok(code);
    }
    for file in &files {
        let Some(bytes) = super::text::open(p, file)? else {
            code = 1;
            continue;
        };
        let found = if is_unknown(&bytes) { None } else { digest(&p.name, &bytes) };
        let Some(found) = found else {
            if is_unknown(&bytes) {
                p.line(&format!("{UNKNOWN}  {file}"))?;
                continue;
            }
            return Err(Halt::Unknown(crate::shell::Why::NoModel));
        };
        let mark = if opts.has('b') && !p.busybox() { '*' } else { ' ' };
        p.line(&format!("{found} {mark}{file}"))?;
    }
    Ok(code)
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) fn base64(p: &mut Process<'_, '_>) -> Run {
    let opts = opts::parse(p, "dDiw:", &[("decode", 'd'), ("wrap=", 'w'), ("ignore-garbage", 'i')])?;
    let mut code = 0;
    let bytes = super::text::all_input(p, &opts.operands, &mut code)?;
    if code != 0 || is_unknown(&bytes) {
        return if code != 0 { Ok(code) } else { p.line(&UNKNOWN.to_string()).map(|()| 0) };
    }
    p.m.spend(bytes.len() as u64 / 32)?;
    if opts.any("dD") {
        let mut out = Vec::new();
        let (mut bits, mut count, mut letters) = (0u32, 0, 0);
        let padded = bytes.contains(&b'=');
        for byte in bytes.iter().filter(|b| !b.is_ascii_whitespace()) {
            if *byte == b'=' {
                // What follows begins anew.
                (bits, count) = (0, 0);
                continue;
            }
            let Some(value) = LETTERS.iter().position(|letter| letter == byte) else {
                // BusyBox passes over what is no letter of it.
                if p.busybox() {
                    continue;
                }
                p.write(&out)?;
                return p.fail(1, "invalid input");
            };
            letters += 1;
            bits = (bits << 6) | value as u32;
            count += 6;
            if count >= 8 {
                count -= 8;
                out.push((bits >> count) as u8);
            }
        }
        if letters % 4 != 0 && !padded {
            // The last letters stand alone.
            if p.busybox() {
                out.truncate(letters / 4 * 3);
                p.write(&out)?;
                return p.fail(1, "truncated input");
            }
            p.write(&out)?;
            return p.fail(1, "invalid input");
        }
        p.write(&out)?;
        return Ok(0);
    }
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut bits = 0u32;
        for at in 0..3 {
            bits = (bits << 8) | u32::from(chunk.get(at).copied().unwrap_or(0));
        }
        for at in 0..4 {
            let letter = LETTERS.get((bits >> (18 - 6 * at)) as usize & 63).copied().map_or('A', char::from);
            text.push(if at > chunk.len() { '=' } else { letter });
        }
    }
    let width: usize = opts.value('w').and_then(|w| w.parse().ok()).unwrap_or(76);
    if width == 0 {
        p.print(&text)?;
        return Ok(0);
    }
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at_checked(width.min(rest.len())).unwrap_or((rest, ""));
        p.line(line)?;
        rest = after;
    }
    Ok(0)
}
