//! Options of `RUN --device` (BuildKit `instructions/commands_rundevice.go`).

use crate::go::{csv, parse_bool};
use crate::suggest;

/// A device that a command asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Device {
    /// Its name.
    pub name: String,
    /// Whether the build fails without it.
    pub required: bool,
}

impl Device {
    /// Reads the flag's value; the error reads as BuildKit's.
    pub fn parse(value: &str) -> Result<Self, String> {
        let fields = csv::fields(value).map_err(|e| format!("failed to parse csv devices: {e}"))?;
        let mut device = Self::default();
        for field in fields {
            let (key, value) = match field.split_once('=') {
                Some((key, value)) => (crate::go::lower(key).into_owned(), Some(value)),
                None => (crate::go::lower(&field).into_owned(), None),
            };
            match (key.as_str(), value) {
                ("required", None) => device.required = true,
                ("required", Some(value)) => {
                    device.required =
                        parse_bool(value).ok_or_else(|| format!("invalid value for {key}: {value}"))?;
                }
                ("name", Some(_)) if !device.name.is_empty() => {
                    return Err(format!("device name already set to {}", device.name));
                }
                ("name", Some(value)) => value.clone_into(&mut device.name),
                _ if device.name.is_empty() => device.name = field,
                (_, None) => return Err(format!("invalid field '{field}' must be a key=value pair")),
                (key, Some(_)) => {
                    let mut message = format!("unexpected key '{key}' in '{field}'");
                    suggest::append(&mut message, key, ["name", "required"], true);
                    return Err(message);
                }
            }
        }
        Ok(device)
    }
}

#[cfg(test)]
mod tests {
    use super::Device;

    #[test]
    fn reads_devices() {
        let device = Device::parse("vendor.com/class=x,required").unwrap();
        assert_eq!(device, Device { name: "vendor.com/class=x".to_owned(), required: true });
        assert_eq!(Device::parse("name=a,name=b").unwrap_err(), "device name already set to a");
        assert_eq!(
            Device::parse("a,requird=1").unwrap_err(),
            "unexpected key 'requird' in 'requird=1' (did you mean required?)"
        );
        assert_eq!(Device::parse("").unwrap_err(), "failed to parse csv devices: EOF");
    }
}
