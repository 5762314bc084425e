//! What the caller and the Console contribute to an embed.

use super::dialect::Dialect;
use crate::config::{Compatibility, ImageConfig};
use proofhouse_protocol::{EmbedNames, Secret};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What the caller and the Console contribute to an embed.
#[derive(Debug, Clone)]
pub struct EmbedRequest {
    /// Name or address under which the sidecar reaches the Console.
    pub console_address: String,
    /// Port of the Defender link.
    pub link_port: u16,
    /// Image of the sidecar.
    pub sidecar_image: String,
    /// Encoded install bundle.
    pub install_bundle: Secret,
    /// Whether the file-system sensor is on; fixed at embed time [AEFS].
    pub filesystem_monitoring: bool,
    /// Whether FIPS cryptography is demanded.
    pub fips: bool,
    /// Whether apps run unprotected where the bundle is broken, as they did up to 20.12 [RN2104].
    pub unprotected_without_bundle: bool,
    /// Whether a missing entry point is taken from the image (E16 to E18).
    pub extract_entrypoint: bool,
    /// What images start on their own.
    pub image_configs: BTreeMap<String, ImageConfig>,
    /// What the embed calls its sidecar, and puts before entry points.
    pub names: EmbedNames,
    /// Quirks of the real Console.
    pub compatibility: Compatibility,
}

impl EmbedRequest {
    pub(super) fn address(&self) -> String {
        web_socket_address(&self.console_address, self.link_port)
    }
}

/// Address of the link; an IPv6 address stands in brackets.
pub(crate) fn web_socket_address(host: &str, port: u16) -> String {
    match host.parse::<std::net::Ipv6Addr>() {
        Ok(address) => format!("wss://[{address}]:{port}"),
        Err(_) => format!("wss://{host}:{port}"),
    }
}

/// One `{name, value}` of an environment.
pub(super) fn variable(dialect: Dialect, name: &str, value: &str) -> Value {
    let mut entry = Map::new();
    entry.insert(dialect.key("name"), json!(name));
    entry.insert(dialect.key("value"), json!(value));
    Value::Object(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_ipv6_address_stands_in_brackets() {
        assert_eq!(web_socket_address("c.test", 443), "wss://c.test:443");
        assert_eq!(web_socket_address("192.0.2.1", 8084), "wss://192.0.2.1:8084");
        assert_eq!(web_socket_address("2001:db8::1", 8084), "wss://[2001:db8::1]:8084");
    }
}
