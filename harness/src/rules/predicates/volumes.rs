//! Volumes and where they are mounted (`fargate.md` 1.5).

use super::context::{Context, is_given, named};
use crate::definition::tree::Node;
use crate::rules::check::{Blame, is_true};
use crate::rules::path::Hit;

pub(super) fn known(context: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let volume = named(hit, "sourceVolume")?;
    (!context.names("volumes")?.contains(&volume)).then(|| Blame::value(volume).at("sourceVolume"))
}

/// Whether a setting is on; what is not known yet counts as on.
fn enabled(efs: &Node, key: &str) -> bool {
    efs.get(key).is_some_and(|node| node.is_open() || node.text() == Some("ENABLED"))
}

pub(super) fn efs_iam(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let efs = hit.node?;
    let authorization = efs.get("authorizationConfig")?;
    let iam = authorization.get("iam").and_then(Node::text) == Some("ENABLED");
    (iam && !enabled(efs, "transitEncryption")).then(Blame::default)
}

pub(super) fn efs_root(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let efs = hit.node?;
    efs.get("authorizationConfig").filter(|authorization| is_given(authorization, "accessPointId"))?;
    let root = named(hit, "rootDirectory")?;
    (!root.is_empty() && root != "/").then(|| Blame::value(root).at("rootDirectory"))
}

pub(super) fn efs_port(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let efs = hit.node?;
    let without = is_given(efs, "transitEncryptionPort") && !enabled(efs, "transitEncryption");
    without.then(|| Blame::default().at("transitEncryptionPort"))
}

/// Blames the list when more than one of its volumes is configured at launch.
pub(super) fn configured_at_launch(_: &Context<'_>, hit: &Hit<'_>) -> Option<Blame> {
    let at_launch =
        hit.node?.items().iter().filter(|v| v.get("configuredAtLaunch").is_some_and(is_true)).count();
    (at_launch > 1).then(|| Blame::value(at_launch.to_string()))
}
