//! One line of comma-separated values, as BuildKit reads the options of `--mount` and `--device`.

/// The fields of a line; the error reads as `go-csvvalue` prints it.
pub(crate) fn fields(line: &str) -> Result<Vec<String>, String> {
    let line = match line.strip_suffix('\n') {
        Some(line) => line.strip_suffix('\r').unwrap_or(line),
        None => line,
    };
    if line.is_empty() {
        return Err("EOF".to_owned());
    }
    let error = |rest: &str, what: &str| {
        Err(format!("parse error on line 1, column {}: {what}", line.len() - rest.len() + 1))
    };
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let Some(quoted) = rest.strip_prefix('"') else {
            let (field, after) = match rest.split_once(',') {
                Some((field, after)) => (field, Some(after)),
                None => (rest, None),
            };
            if let Some(at) = field.find('"') {
                return error(rest.get(at..).unwrap_or_default(), "bare \" in non-quoted-field");
            }
            fields.push(field.to_owned());
            match after {
                Some(after) => rest = after,
                None => return Ok(fields),
            }
            continue;
        };
        rest = quoted;
        let mut field = String::new();
        loop {
            let Some((part, after)) = rest.split_once('"') else {
                return error(rest, "extraneous or missing \" in quoted-field");
            };
            field.push_str(part);
            if let Some(after) = after.strip_prefix('"') {
                field.push('"');
                rest = after;
            } else if let Some(after) = after.strip_prefix(',') {
                rest = after;
                break;
            } else if after.is_empty() {
                fields.push(field);
                return Ok(fields);
            } else {
                let quote = rest.get(part.len()..).unwrap_or_default();
                return error(quote, "extraneous or missing \" in quoted-field");
            }
        }
        fields.push(field);
    }
}

#[cfg(test)]
mod tests {
    use super::fields;

    #[test]
    fn splits_and_refuses() {
        assert_eq!(fields("a,b=c").unwrap(), ["a", "b=c"]);
        assert_eq!(
            fields("\"a,b\",c\"\"").unwrap_err(),
            "parse error on line 1, column 8: bare \" in non-quoted-field"
        );
        assert_eq!(fields("\"a,\"\"b\",c").unwrap(), ["a,\"b", "c"]);
        assert_eq!(fields("a,").unwrap(), ["a", ""]);
        assert_eq!(fields("").unwrap_err(), "EOF");
        assert_eq!(
            fields("\"a").unwrap_err(),
            "parse error on line 1, column 2: extraneous or missing \" in quoted-field"
        );
    }
}
