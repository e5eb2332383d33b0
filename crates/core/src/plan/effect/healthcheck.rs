//! `HEALTHCHECK`.

use super::super::dispatch::Scene;
use super::super::planner::Planner;
use super::super::state::State;
use crate::check;
use crate::image;
use stagecraft_dockerfile::instruction::Healthcheck;

pub(in crate::plan) fn apply<'a>(
    planner: &mut Planner<'a>,
    state: &mut State<'a>,
    scene: &Scene<'_>,
    health: &Healthcheck<'_>,
) {
    if let Some(before) = state.healthcheck.replace(scene.site) {
        let keyword = &scene.instruction.keyword.text;
        let warning = check::multiple_instructions_disallowed::warning(keyword, planner.text, before.span);
        planner.warn(scene.config, Some(scene.at), before, warning);
    }
    let config = image::Healthcheck {
        test: health.test.iter().map(|word| word.text.to_string()).collect(),
        interval: health.interval.unwrap_or_default(),
        timeout: health.timeout.unwrap_or_default(),
        start_period: health.start_period.unwrap_or_default(),
        start_interval: health.start_interval.unwrap_or_default(),
        retries: health.retries.unwrap_or_default(),
    };
    let created_by = format!(
        "HEALTHCHECK {{Test:[{}] Interval:{} Timeout:{} StartPeriod:{} StartInterval:{} Retries:{}}}",
        config.test.join(" "),
        duration(config.interval),
        duration(config.timeout),
        duration(config.start_period),
        duration(config.start_interval),
        config.retries
    );
    state.commit(scene, created_by, None, false);
    state.value.config_mut().healthcheck = Some(config);
}

/// Nanoseconds as Go prints a duration: `1h0m30s`, `1.5s`, `100ms`.
fn duration(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let n = nanoseconds.unsigned_abs();
    match n {
        0 => "0s".into(),
        1..=999 => format!("{sign}{n}ns"),
        1_000..=999_999 => format!("{sign}{}µs", fraction(n, 1_000)),
        1_000_000..=999_999_999 => format!("{sign}{}ms", fraction(n, 1_000_000)),
        _ => {
            let minute = 60_000_000_000;
            let (minutes, rest) = (n / minute, n % minute);
            let seconds = fraction(rest, 1_000_000_000);
            match (minutes / 60, minutes % 60) {
                (0, 0) => format!("{sign}{seconds}s"),
                (0, minutes) => format!("{sign}{minutes}m{seconds}s"),
                (hours, minutes) => format!("{sign}{hours}h{minutes}m{seconds}s"),
            }
        }
    }
}

/// `value / unit` with as many decimals as there are, `unit` being a power of ten.
fn fraction(value: u64, unit: u64) -> String {
    let (whole, rest) = (value / unit, value % unit);
    if rest == 0 {
        return whole.to_string();
    }
    let digits = unit.ilog10() as usize;
    let decimals = format!("{rest:0digits$}");
    format!("{whole}.{}", decimals.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_read_as_in_go() {
        for (nanoseconds, want) in [
            (0, "0s"),
            (1_500_000, "1.5ms"),
            (30_000_000_000, "30s"),
            (90_500_000_000, "1m30.5s"),
            (3_600_000_000_000, "1h0m0s"),
        ] {
            assert_eq!(duration(nanoseconds), want);
        }
    }
}
