//! `EXPOSE` (BuildKit `convert_expose.go`).

use super::super::dispatch::Scene;
use super::super::fault::Fault;
use super::super::planner::Planner;
use super::super::state::State;
use crate::check;
use crate::image::Empty;
use core::net::IpAddr;
use stagecraft_dockerfile::Word;
use stagecraft_dockerfile::go;
use stagecraft_dockerfile::go::quote;

/// Ports are expanded and split into words; a range becomes its ports.
pub(in crate::plan) fn apply<'a>(
    planner: &mut Planner<'a>,
    state: &mut State<'a>,
    scene: &Scene<'_>,
    ports: &[Word<'_>],
) -> Result<(), Fault> {
    let mut exposed = Vec::new();
    let mut expanded = Vec::with_capacity(ports.len());
    for word in ports {
        let words = planner
            .lexer
            .process_words(&word.text, &state.value.env)
            .map_err(|error| Fault::new("expansion", error.message).at(scene.place(word.span)))?;
        expanded.extend(words.into_iter().map(|text| (text, word.span)));
    }
    for (text, span) in &expanded {
        let port =
            Port::read(text).map_err(|message| Fault::new("invalid-port", message).at(scene.place(*span)))?;
        let written = planner.text.get(span.start as usize..span.end as usize);
        let written_at = (written == Some(&**text)).then_some(*span);
        let casing = check::expose_proto_casing::check(text, port.protocol);
        let casing = casing.map(|warning| match written_at {
            Some(span) => warning.replace("Use small letters", span, text.to_lowercase()),
            None => warning,
        });
        let format = check::expose_invalid_format::check(text, port.mapped(), written_at);
        for warning in [casing, format].into_iter().flatten() {
            planner.warn(scene.config, Some(scene.at), scene.site, warning.at(*span));
        }
        let before = exposed.len();
        port.list(planner.ports_left, &mut exposed)
            .map_err(|message| Fault::new("invalid-port", message).at(scene.place(*span)))?;
        planner.ports_left -= exposed.len() - before;
    }
    state.commit(scene, format!("EXPOSE [{}]", exposed.join(" ")), None, false);
    state.value.config_mut().exposed_ports.extend(exposed.into_iter().map(|port| (port, Empty {})));
    Ok(())
}

/// `[address:][host port:]port[/protocol]`
struct Port<'p> {
    address: String,
    host: &'p str,
    container: &'p str,
    protocol: &'p str,
}

impl<'p> Port<'p> {
    fn read(text: &'p str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(':').collect();
        let (address, host, last) = match parts.as_slice() {
            [last] => (String::new(), "", *last),
            [host, last] => (String::new(), *host, *last),
            [address @ .., host, last] => (address.join(":"), *host, *last),
            [] => (String::new(), "", ""),
        };
        let (container, protocol) = last.split_once('/').unwrap_or((last, ""));
        if container.is_empty() {
            return Err(format!("invalid port: {}: no port specified", quote(text)));
        }
        let protocol = match go::lower(protocol).into_owned().as_str() {
            "" => "tcp",
            "tcp" | "udp" | "sctp" => protocol,
            _ => return Err(format!("invalid port: {}: invalid proto: {protocol}", quote(text))),
        };
        Ok(Self { address, host, container, protocol })
    }

    fn mapped(&self) -> bool {
        !self.address.is_empty() || !self.host.is_empty()
    }

    /// Lists the ports, unless there are more than `most`.
    fn list(&self, most: usize, out: &mut Vec<String>) -> Result<(), String> {
        let mut address = self.address.as_str();
        if address.starts_with('[') {
            address = bracketed(address)?;
        }
        if !address.is_empty() && address.parse::<IpAddr>().is_err() {
            return Err(format!("invalid IP address: {address}"));
        }
        let (first, last) =
            range(self.container).ok_or_else(|| format!("invalid containerPort: {}", self.container))?;
        if !self.host.is_empty() {
            let (host_first, host_last) =
                range(self.host).ok_or_else(|| format!("invalid hostPort: {}", self.host))?;
            if last - first != host_last - host_first && last != first {
                return Err(format!(
                    "invalid ranges specified for container and host Ports: {} and {}",
                    self.container, self.host
                ));
            }
        }
        if (last - first) as usize >= most {
            return Err("too many ports are exposed to list them here".into());
        }
        let protocol = go::lower(self.protocol).into_owned();
        out.extend((first..=last).map(|port| format!("{port}/{protocol}")));
        Ok(())
    }
}

/// The address in `[…]` (Go `net.SplitHostPort` of it and an empty port).
fn bracketed(address: &str) -> Result<&str, String> {
    let refused = |why: &str| format!("invalid IP address {address}: address {address}:: {why}");
    let inner = address.strip_prefix('[').unwrap_or(address);
    let Some((host, behind)) = inner.split_once(']') else { return Err(refused("missing ']' in address")) };
    if !behind.is_empty() {
        return Err(refused(if behind.starts_with(':') {
            "too many colons in address"
        } else {
            "missing port in address"
        }));
    }
    if host.contains('[') {
        return Err(refused("unexpected '[' in address"));
    }
    Ok(host)
}

/// `8000` or `8000-9000`.
fn range(text: &str) -> Option<(u32, u32)> {
    let (start, end) = match text.split_once('-') {
        Some((start, end)) if start != end => (start, end),
        Some((start, _)) => (start, start),
        None => (text, text),
    };
    let (start, end) = (number(start)?, number(end)?);
    (start <= end).then_some((start, end))
}

fn number(text: &str) -> Option<u32> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let number: i64 = digits.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()?;
    u32::try_from(number).ok().filter(|&port| port <= 65535)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(text: &str) -> Result<Vec<String>, String> {
        let mut out = Vec::new();
        Port::read(text)?.list(1000, &mut out)?;
        Ok(out)
    }

    #[test]
    fn ports_are_listed() {
        assert_eq!(ports("80").unwrap(), ["80/tcp"]);
        assert_eq!(ports("80-81/UDP").unwrap(), ["80/udp", "81/udp"]);
        assert_eq!(ports("127.0.0.1:8080:80").unwrap(), ["80/tcp"]);
        assert_eq!(ports("[::1]:8080:80").unwrap(), ["80/tcp"]);
    }

    #[test]
    fn what_is_no_port_is_refused() {
        for (text, error) in [
            ("x", "invalid containerPort: x"),
            ("99999", "invalid containerPort: 99999"),
            ("20-10", "invalid containerPort: 20-10"),
            ("80/xyz", "invalid port: \"80/xyz\": invalid proto: xyz"),
            ("", "invalid port: \"\": no port specified"),
            ("1-9999", "too many ports are exposed to list them here"),
            ("h:80", "invalid hostPort: h"),
            ("a.b:1:80", "invalid IP address: a.b"),
            ("1-5:80-81", "invalid ranges specified for container and host Ports: 80-81 and 1-5"),
        ] {
            assert_eq!(ports(text).unwrap_err(), error);
        }
    }
}
