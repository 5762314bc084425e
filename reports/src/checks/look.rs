//! What is at a path in a container, as someone looked.

use super::evidence::Evidence;
use super::outcome::Conclusion;
use crate::HistoryRecord;
use proofhouse_protocol::observation::{Blame, Found, Observation, Source};
use serde::{Deserialize, Serialize};

/// A path in a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Container.
    pub container: String,
    /// Path.
    pub path: String,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "\"{}\" in \"{}\"", self.path, self.container)
    }
}

/// The last look at a place, from a record on.
fn look<'a>(
    evidence: Evidence<'a>,
    place: &Place,
    from: usize,
) -> Option<(&'a HistoryRecord, Option<&'a Found>)> {
    evidence.records()[from..].iter().rev().find_map(|record| match record.observation() {
        Observation::Looked { path, found }
            if *path == place.path
                && record.recording.source == Source::Container(place.container.clone()) =>
        {
            Some((record, found.as_ref()))
        }
        _ => None,
    })
}

/// Something is there, or nothing is, behind the last thing that was done.
pub(super) fn path(evidence: Evidence<'_>, place: &Place, exists: bool) -> Conclusion {
    // Looked at before, a path tells nothing of what was done behind.
    let behind = evidence.last_activity(None).unwrap_or(0);
    let Some((record, found)) = look(evidence, place, behind) else {
        return Conclusion::unproved(format!("nobody looked at {place} behind the last thing that was done"));
    };
    let word = |exists| if exists { "exists" } else { "does not exist" };
    let said = if exists == found.is_some() {
        format!("{place} {}", word(exists))
    } else {
        format!("expected that {place} {}, it {}", word(exists), word(found.is_some()))
    };
    Conclusion::either(exists == found.is_some(), evidence.subject(), said).on([record.sequence])
}

/// Two files have the same bytes.
pub(super) fn same_file(evidence: Evidence<'_>, one: &Place, other: &Place) -> Conclusion {
    let (Some((left, ours)), Some((right, theirs))) = (look(evidence, one, 0), look(evidence, other, 0))
    else {
        return Conclusion::unproved(format!("nobody looked at both {one} and {other}"));
    };
    let on = [left.sequence, right.sequence];
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        let missing = if ours.is_none() { one } else { other };
        // What the task's volumes carry from one container to another is Fargate's doing; that it is there at all is not.
        let by = if ours.is_none() { evidence.subject() } else { Blame::Fargate };
        return Conclusion::broken(
            by,
            format!("expected {one} to be the same file as {other}; {missing} does not exist"),
        )
        .on(on);
    };
    match (&ours.sha256, &theirs.sha256) {
        (Some(a), Some(b)) => {
            let size =
                |found: &Found| found.bytes.map_or_else(|| "some".to_owned(), |bytes| bytes.to_string());
            let said = format!(
                "{one} has {} bytes (SHA-256 {a}), {other} {} (SHA-256 {b})",
                size(ours),
                size(theirs)
            );
            // The volume carries what someone wrote into it.
            Conclusion::either(a == b, evidence.subject(), said).on(on)
        }
        _ => Conclusion::unproved(format!(
            "{one} and {other} were not both read, so that nobody knows whether they are equal"
        ))
        .on(on),
    }
}
