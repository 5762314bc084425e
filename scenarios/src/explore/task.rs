//! The task in which a campaign tries what it makes up.

use crate::rig::Internet;
use proofhouse_generators::{ADDRESSES, PORTS, Places};
use serde_json::Value;
use std::collections::BTreeMap;

/// Its containers, in which an actor is the app: names of which one begins like another, with images of a registry, of the hub, and of the hub
/// with a tag. The app of the first is behind the firewall.
pub const CONTAINERS: &[&str] = &["web", "db", "web-test"];

/// The task definition.
///
/// # Panics
/// Never: it is JSON.
#[must_use]
pub fn definition() -> Value {
    serde_json::from_str(include_str!("../../../features/task-definitions/explored.json"))
        .expect("the task definition is JSON")
}

/// Images by container, as the definition has them.
#[must_use]
pub fn images() -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let definition = definition();
    let containers = definition["containerDefinitions"].as_array().into_iter().flatten();
    containers.map(|container| (text(&container["name"]), text(&container["image"]))).collect()
}

/// What scopes may be about.
#[must_use]
pub fn places() -> Places {
    let family = definition()["family"].as_str().unwrap_or_default().to_owned();
    let mut images: Vec<String> = images().into_values().collect();
    images.push("docker.io/proofhouse/userland".to_owned());
    Places {
        containers: CONTAINERS.iter().map(|name| (*name).to_owned()).collect(),
        images,
        app_ids: vec![format!("{family}:"), family],
    }
}

/// Its internet: every name that a campaign makes up has the same addresses, and the firewall's ports are open.
///
/// # Panics
/// Never: the addresses are.
#[must_use]
pub fn internet() -> Internet {
    let roots = ["*.com", "*.test", "*.example"];
    let addresses = ADDRESSES.map(|address| address.parse().expect("the address is one"));
    let names = roots.iter().flat_map(|root| addresses.map(|address| ((*root).to_owned(), address)));
    Internet { names: names.collect(), open_ports: PORTS.to_vec(), ..Internet::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_has_the_containers() {
        let mut named: Vec<_> = images().into_keys().collect();
        let mut known = CONTAINERS.to_vec();
        named.sort();
        known.sort_unstable();
        assert_eq!(named, known);
    }
}
