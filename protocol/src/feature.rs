//! What a Defender can enforce, as a tree.

use serde::{Deserialize, Serialize};

/// Something that a Defender enforces, or not. The words are those of `hello` (`docs/link.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Feature {
    /// Programs.
    #[serde(rename = "processes")]
    Processes,
    /// Names.
    #[serde(rename = "dns")]
    Dns,
    /// Addresses and ports.
    #[serde(rename = "network")]
    Network,
    /// Files.
    #[serde(rename = "filesystem")]
    Filesystem,
    /// The firewall.
    #[serde(rename = "waas")]
    Waas,
    /// Its protection from denial of service.
    #[serde(rename = "waas.dos")]
    WaasDos,
    /// Its protection from bots.
    #[serde(rename = "waas.bots")]
    WaasBots,
    /// Its knowledge of an API.
    #[serde(rename = "waas.api")]
    WaasApi,
    /// Its custom rules.
    #[serde(rename = "waas.custom")]
    WaasCustom,
    /// Its access control.
    #[serde(rename = "waas.access")]
    WaasAccess,
}

impl Feature {
    /// All features, each behind what it is a part of.
    pub const ALL: [Self; 10] = [
        Self::Processes,
        Self::Dns,
        Self::Network,
        Self::Filesystem,
        Self::Waas,
        Self::WaasDos,
        Self::WaasBots,
        Self::WaasApi,
        Self::WaasCustom,
        Self::WaasAccess,
    ];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Processes => "processes",
            Self::Dns => "dns",
            Self::Network => "network",
            Self::Filesystem => "filesystem",
            Self::Waas => "waas",
            Self::WaasDos => "waas.dos",
            Self::WaasBots => "waas.bots",
            Self::WaasApi => "waas.api",
            Self::WaasCustom => "waas.custom",
            Self::WaasAccess => "waas.access",
        }
    }

    /// What it is a part of: who does not have that has no part of it.
    #[must_use]
    pub fn parent(self) -> Option<Self> {
        match self {
            Self::WaasDos | Self::WaasBots | Self::WaasApi | Self::WaasCustom | Self::WaasAccess => {
                Some(Self::Waas)
            }
            _ => None,
        }
    }
}
