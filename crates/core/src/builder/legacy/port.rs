//! `EXPOSE`: ports as `go-connections/nat` reads them.

use stagecraft_dockerfile::go;

/// The ports that a specification (`ip:public:private/proto`, of which only the last part counts) exposes.
pub(super) fn parse(spec: &str) -> Result<Vec<String>, String> {
    let parts: Vec<&str> = spec.split(':').collect();
    let container = parts.last().copied().unwrap_or_default();
    let (ip, host) = match parts.as_slice() {
        [] | [_] => (String::new(), ""),
        [host, _] => (String::new(), *host),
        [ip @ .., host, _] => (ip.join(":"), *host),
    };
    let (proto, port) = split_proto(container);
    let ip = ip.strip_prefix('[').and_then(|ip| ip.strip_suffix(']')).unwrap_or(&ip);
    if !ip.is_empty() && ip.parse::<core::net::IpAddr>().is_err() {
        return Err(format!("Invalid ip address: {ip}"));
    }
    if port.is_empty() {
        return Err(format!("No port specified: {spec}<empty>"));
    }
    let Some((start, end)) = range(port) else {
        return Err(format!("Invalid containerPort: {port}"));
    };
    if !host.is_empty() {
        let Some((first, last)) = range(host) else {
            return Err(format!("Invalid hostPort: {host}"));
        };
        if end - start != last - first && end != start {
            return Err(format!("Invalid ranges specified for container and host Ports: {port} and {host}"));
        }
    }
    let proto_name = go::lower(proto).into_owned();
    if !["tcp", "udp", "sctp"].contains(&proto_name.as_str()) {
        return Err(format!("Invalid proto: {proto}"));
    }
    Ok((start..=end).map(|port| format!("{port}/{proto_name}")).collect())
}

fn split_proto(port: &str) -> (&str, &str) {
    let mut parts = port.split('/');
    let number = parts.next().unwrap_or_default();
    if number.is_empty() {
        return ("", "");
    }
    match parts.next() {
        None | Some("") => ("tcp", number),
        Some(proto) => (proto, number),
    }
}

fn range(ports: &str) -> Option<(u16, u16)> {
    let number = |text: &str| if text.starts_with('+') { None } else { text.parse::<u16>().ok() };
    let Some((start, end)) = ports.split_once('-') else {
        return number(ports).map(|port| (port, port));
    };
    let (start, end) = (number(start)?, number(end)?);
    (start <= end).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn protocols_ranges_and_hosts() {
        assert_eq!(parse("80").unwrap(), ["80/tcp"]);
        assert_eq!(parse("80-82/UDP").unwrap(), ["80/udp", "81/udp", "82/udp"]);
        assert_eq!(parse("127.0.0.1:8080:80").unwrap(), ["80/tcp"]);
        assert_eq!(parse("x").unwrap_err(), "Invalid containerPort: x");
        assert_eq!(parse("80/foo").unwrap_err(), "Invalid proto: foo");
        assert_eq!(parse("/tcp").unwrap_err(), "No port specified: /tcp<empty>");
        assert_eq!(parse("82-80").unwrap_err(), "Invalid containerPort: 82-80");
    }
}
