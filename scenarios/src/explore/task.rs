//! The task in which a campaign tries what it makes up.

use crate::rig::Internet;
use proofhouse_generators::{ADDRESSES, Places};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Its containers, in which an actor is the app: names of which one begins like another.
pub const CONTAINERS: &[&str] = &["web", "db", "web-test"];

/// Their images: of a registry, of the hub, and of the hub with its tag.
const IMAGES: [&str; 3] = [
    "123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/web:2.4",
    "proofhouse/userland",
    "proofhouse/userland:latest",
];

/// Its family.
const FAMILY: &str = "explored";

/// Images by container.
#[must_use]
pub fn images() -> BTreeMap<String, String> {
    CONTAINERS.iter().zip(IMAGES).map(|(name, image)| ((*name).to_owned(), image.to_owned())).collect()
}

/// The task definition.
#[must_use]
pub fn definition() -> Value {
    let container = |(name, image): (String, String)| {
        json!({"name": name, "image": image, "essential": true, "entryPoint": ["actor"], "command": ["serve"]})
    };
    json!({
        "family": FAMILY,
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "1024",
        "memory": "2048",
        "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
        "containerDefinitions": images().into_iter().map(container).collect::<Vec<_>>(),
    })
}

/// What scopes may be about.
#[must_use]
pub fn places() -> Places {
    Places {
        containers: CONTAINERS.iter().map(|name| (*name).to_owned()).collect(),
        images: IMAGES.iter().chain(&["docker.io/proofhouse/userland"]).map(|image| (*image).to_owned()).collect(),
        app_ids: vec![format!("{FAMILY}:"), FAMILY.to_owned()],
    }
}

/// Its internet: every name that a campaign makes up has the same addresses.
///
/// # Panics
/// Never: the addresses are.
#[must_use]
pub fn internet() -> Internet {
    let roots = ["*.com", "*.test", "*.example"];
    let addresses = ADDRESSES.map(|address| address.parse().expect("the address is one"));
    let names = roots.iter().flat_map(|root| addresses.map(|address| ((*root).to_owned(), address)));
    Internet { names: names.collect(), ..Internet::default() }
}
