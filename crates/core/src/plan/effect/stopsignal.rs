//! `STOPSIGNAL`.

use super::super::dispatch::Scene;
use super::super::fault::Fault;
use super::super::graph::go_integer;
use super::super::planner::Planner;
use super::super::state::State;
use stagecraft_dockerfile::Word;
use stagecraft_dockerfile::go;

/// A number that is not zero, or a name with or without `SIG`.
pub(in crate::plan) fn apply<'a>(
    planner: &mut Planner<'a>,
    state: &mut State<'a>,
    scene: &Scene<'_>,
    signal: &Word<'_>,
) -> Result<(), Fault> {
    let text = planner.expand(state, scene, signal)?;
    let known = if let Some(number) = go_integer(&text) {
        number != 0
    } else {
        let upper = go::upper(&text).into_owned();
        is_signal(upper.strip_prefix("SIG").unwrap_or(&upper))
    };
    if !known {
        return Err(
            Fault::new("invalid-signal", format!("invalid signal: {text}")).at(scene.place(signal.span))
        );
    }
    state.commit(scene, format!("STOPSIGNAL {text}"), None, false);
    state.value.config_mut().stop_signal = text.into_owned();
    Ok(())
}

const SIGNALS: &str = " ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT \
                       STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX ";

fn is_signal(name: &str) -> bool {
    let offset = |rest: &str, most: u32| {
        !rest.starts_with('0')
            && rest.bytes().all(|b| b.is_ascii_digit())
            && rest.parse().is_ok_and(|n: u32| n <= most)
    };
    match (name.strip_prefix("RTMIN+"), name.strip_prefix("RTMAX-")) {
        (Some(rest), _) => offset(rest, 15),
        (_, Some(rest)) => offset(rest, 14),
        _ => {
            !name.is_empty()
                && !name.contains(' ')
                && SIGNALS.split(' ').any(|signal| !signal.is_empty() && signal == name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_signal;

    #[test]
    fn names_of_linux() {
        for name in ["TERM", "RTMIN", "RTMIN+15", "RTMAX-1"] {
            assert!(is_signal(name), "{name}");
        }
        for name in ["", "NOPE", "RTMIN+16", "RTMAX-0", "RTMIN+01", "INT IO"] {
            assert!(!is_signal(name), "{name}");
        }
    }
}
