//! Just enough of JSON and TOML to read the manifests that decide what is installed.

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// As it is written.
    Number(String),
    Text(String),
    List(Vec<Json>),
    /// In the order of the text.
    Map(Vec<(String, Json)>),
}

impl Json {
    /// Reads a text; `None` if it is no JSON.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { bytes: text.as_bytes(), text, at: 0, depth: 0 };
        let value = reader.value()?;
        reader.blanks();
        (reader.at == text.len()).then_some(value)
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            // Of two with one name the later one counts.
            Self::Map(map) => map.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn keys(&self) -> Vec<&str> {
        match self {
            Self::Map(map) => map.iter().map(|(name, _)| name.as_str()).collect(),
            _ => Vec::new(),
        }
    }

    /// The names and texts of a map of texts.
    pub(crate) fn texts(&self) -> Vec<(&str, &str)> {
        match self {
            Self::Map(map) => {
                map.iter().filter_map(|(name, value)| Some((name.as_str(), value.text()?))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The value of a map at a key, which is put there if it is missing.
    pub(crate) fn entry(&mut self, key: &str, missing: Self) -> Option<&mut Self> {
        let Self::Map(map) = self else { return None };
        let at = match map.iter().rposition(|(name, _)| name == key) {
            Some(at) => at,
            None => {
                map.push((key.to_owned(), missing));
                map.len() - 1
            }
        };
        map.get_mut(at).map(|(_, value)| value)
    }

    /// Takes a key out of a map.
    pub(crate) fn remove(&mut self, key: &str) -> bool {
        let Self::Map(map) = self else { return false };
        let before = map.len();
        map.retain(|(name, _)| name != key);
        map.len() < before
    }

    /// The text of a value; `indent` is what one step inwards is written with, nothing for all on one line.
    pub(crate) fn write(&self, indent: &str) -> String {
        let mut out = String::new();
        self.put(indent, 0, &mut out);
        out
    }

    fn put(&self, indent: &str, depth: usize, out: &mut String) {
        let line = |depth: usize, out: &mut String| {
            if !indent.is_empty() {
                out.push('\n');
                out.push_str(&indent.repeat(depth));
            }
        };
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Number(number) => out.push_str(number),
            Self::Text(text) => quote(text, out),
            Self::List(list) => {
                out.push('[');
                for (at, value) in list.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    line(depth + 1, out);
                    value.put(indent, depth + 1, out);
                }
                if !list.is_empty() {
                    line(depth, out);
                }
                out.push(']');
            }
            Self::Map(map) => {
                out.push('{');
                for (at, (name, value)) in map.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    line(depth + 1, out);
                    quote(name, out);
                    out.push_str(if indent.is_empty() { ":" } else { ": " });
                    value.put(indent, depth + 1, out);
                }
                if !map.is_empty() {
                    line(depth, out);
                }
                out.push('}');
            }
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

struct Reader<'t> {
    bytes: &'t [u8],
    text: &'t str,
    at: usize,
    depth: u32,
}

impl Reader<'_> {
    fn blanks(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.blanks();
        (self.bytes.get(self.at) == Some(&byte)).then(|| self.at += 1)
    }

    fn value(&mut self) -> Option<Json> {
        self.blanks();
        self.depth += 1;
        if self.depth > 60 {
            return None;
        }
        let value = match self.bytes.get(self.at)? {
            b'{' => {
                self.at += 1;
                let mut map = Vec::new();
                if self.take(b'}').is_none() {
                    loop {
                        self.blanks();
                        let key = self.string()?;
                        self.take(b':')?;
                        map.push((key, self.value()?));
                        if self.take(b',').is_none() {
                            self.take(b'}')?;
                            break;
                        }
                    }
                }
                Json::Map(map)
            }
            b'[' => {
                self.at += 1;
                let mut list = Vec::new();
                if self.take(b']').is_none() {
                    loop {
                        list.push(self.value()?);
                        if self.take(b',').is_none() {
                            self.take(b']')?;
                            break;
                        }
                    }
                }
                Json::List(list)
            }
            b'"' => Json::Text(self.string()?),
            _ => {
                let rest = self.text.get(self.at..)?;
                let end = rest.find([',', '}', ']', ' ', '\n', '\r', '\t']).unwrap_or(rest.len());
                let word = rest.get(..end)?;
                self.at += end;
                match word {
                    "null" => Json::Null,
                    "true" => Json::Bool(true),
                    "false" => Json::Bool(false),
                    number => {
                        number.parse::<f64>().ok()?;
                        Json::Number(number.to_owned())
                    }
                }
            }
        };
        self.depth -= 1;
        Some(value)
    }

    fn string(&mut self) -> Option<String> {
        self.take(b'"')?;
        let mut out = String::new();
        loop {
            let rest = self.text.get(self.at..)?;
            let end = rest.find(['"', '\\'])?;
            out.push_str(rest.get(..end)?);
            self.at += end + 1;
            if self.bytes.get(self.at - 1) == Some(&b'"') {
                return Some(out);
            }
            let escape = *self.bytes.get(self.at)?;
            self.at += 1;
            match escape {
                b'n' => out.push('\n'),
                b't' => out.push('\t'),
                b'r' => out.push('\r'),
                b'b' => out.push('\x08'),
                b'f' => out.push('\x0c'),
                b'u' => {
                    let code = u32::from_str_radix(self.text.get(self.at..self.at + 4)?, 16).ok()?;
                    self.at += 4;
                    out.push(char::from_u32(code).unwrap_or('\u{fffd}'));
                }
                c => out.push(char::from(c)),
            }
        }
    }
}

/// The lines of a TOML table: `key = value` with quotes and comments taken off, tables by their header.
pub(crate) fn toml(text: &str) -> Vec<(String, String, String)> {
    let mut table = String::new();
    let mut out = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            table = header.trim_matches(['[', ']', ' ']).to_owned();
        } else if let Some((key, value)) = line.split_once('=')
            && !line.starts_with('#')
        {
            let value = value.trim();
            let value = match value.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
                Some((inside, _)) => inside.to_owned(),
                None => value.to_owned(),
            };
            out.push((table.clone(), key.trim().trim_matches('"').to_owned(), value));
        }
    }
    out
}

/// The text of the first XML element of that name at any depth.
pub(crate) fn xml<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(inside, _)| inside.trim())
}
