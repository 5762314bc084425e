//! Task sizes and their spellings (`fargate.md` 1.2).

use serde::{Deserialize, Serialize};

/// CPU units; 1024 are one vCPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cpu(pub u64);

/// Memory in MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Memory(pub u64);

/// A size that nobody can read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is not {what}")]
pub struct SizeError {
    value: String,
    what: &'static str,
}

impl Cpu {
    /// Reads `256`, `.25 vcpu`, `1 vCPU`.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, SizeError> {
        units(text, "vcpu").map(Self).ok_or_else(|| SizeError {
            value: text.to_owned(),
            what: "a CPU size such as `256` or `.25 vCPU`",
        })
    }

    /// As vCPU: 256 units are 0.25.
    #[must_use]
    pub fn vcpu(self) -> f64 {
        self.0 as f64 / 1024.0
    }
}

impl Memory {
    /// Reads `512`, `.5 gb`, `3GB`.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, SizeError> {
        units(text, "gb").map(Self).ok_or_else(|| SizeError {
            value: text.to_owned(),
            what: "a memory size such as `512` or `.5 GB`",
        })
    }

    /// In bytes.
    #[must_use]
    pub fn bytes(self) -> u64 {
        self.0.saturating_mul(1024 * 1024)
    }
}

/// A whole number, or a decimal with `unit` behind it, which stands for 1024.
fn units(text: &str, unit: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let Some(number) = text.strip_suffix(unit) else {
        return text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?;
    };
    let (whole, fraction) = number.trim_end().split_once('.').unwrap_or((number.trim_end(), ""));
    if whole.is_empty() && fraction.is_empty() || whole.len() > 9 || fraction.len() > 9 {
        return None;
    }
    if !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let scale = 10u64.pow(u32::try_from(fraction.len()).ok()?);
    let fraction: u64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let scaled = whole * scale * 1024 + fraction * 1024;
    Some((scaled + scale / 2) / scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_every_documented_spelling() {
        for (text, units) in [
            ("256", 256),
            (".25 vcpu", 256),
            ("1 vCPU", 1024),
            ("0.5VCPU", 512),
            (" 4 vcpu ", 4096),
            ("1.vcpu", 1024),
        ] {
            assert_eq!(Cpu::parse(text).unwrap(), Cpu(units), "{text}");
        }
        for (text, mib) in [("512", 512), (".5 gb", 512), ("3GB", 3072), ("3 GB", 3072), ("30 gb", 30720)] {
            assert_eq!(Memory::parse(text).unwrap(), Memory(mib), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_size() {
        for text in ["", "vcpu", ". vcpu", "-1", "1.5", "1 gb", "0x10", "1 2 vcpu", "99999999999999999999"] {
            assert!(Cpu::parse(text).is_err(), "{text}");
        }
        assert_eq!(
            Memory::parse("half a gig").unwrap_err().to_string(),
            "`half a gig` is not a memory size such as `512` or `.5 GB`"
        );
    }

    proptest! {
        #[test]
        fn units_and_vcpu_agree(quarters in 1u64..512) {
            let written = format!("{} vCPU", quarters as f64 / 4.0);
            prop_assert_eq!(Cpu::parse(&written).unwrap(), Cpu(quarters * 256));
        }

        #[test]
        fn never_panics(text in any::<String>()) {
            let _ = Cpu::parse(&text);
            let _ = Memory::parse(&format!("{text}gb"));
        }
    }
}
