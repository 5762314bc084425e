//! Who comes to the Console, and what they get.

use super::evidence::Evidence;
use super::outcome::Conclusion;
use super::text::plural;
use crate::HistoryRecord;
use proofhouse_protocol::actor::Reply;
use proofhouse_protocol::observation::{Blame, DefinitionRole, Observation, Pipeline};

/// Place of the last thing that was done, or of the beginning of the task; none where there is no task.
fn last_done(evidence: Evidence<'_>) -> Option<usize> {
    let (began, ..) = evidence.task()?;
    Some(evidence.last_activity(None).map_or(began, |last| last.max(began)))
}

/// So many connections came out of the task to a server.
pub(super) fn connections(evidence: Evidence<'_>, server: &str, expected: usize) -> Conclusion {
    let pipeline = Pipeline::OutsideConnections { server: server.to_owned() };
    // A fence is a connection, too: it is known by the address that the actor had for it.
    let fences: Vec<String> = evidence
        .acts()
        .filter(|act| act.record.token().is_some_and(|token| evidence.is_fence(token)))
        .filter_map(|act| match act.reply {
            Reply::Connected { local: Some(local), .. } => Some(local.to_string()),
            _ => None,
        })
        .collect();
    let own = |r: &&HistoryRecord| {
        matches!(r.observation(), Observation::OutsideConnection { server: found, client, accepted: true, .. }
            if found == server && !fences.contains(client))
    };
    let Some((began, ..)) = evidence.task() else {
        return Conclusion::unproved("no task has begun, so that none can connect");
    };
    let seen: Vec<_> = evidence.records()[began..].iter().filter(own).collect();
    let on = seen.iter().map(|r| r.sequence);
    let said = format!(
        "expected {} to {server}, saw {}",
        plural(expected, "connection"),
        plural(seen.len(), "connection")
    );
    if seen.len() > expected {
        return Conclusion::broken(evidence.subject(), said).on(on);
    }
    let Some(behind) = last_done(evidence) else {
        return Conclusion::unproved(format!("{said}, but no task has begun"));
    };
    match evidence.fence(&pipeline, behind) {
        Ok(fence) => {
            Conclusion::either(seen.len() == expected, evidence.subject(), said).on(on.chain([fence]))
        }
        Err(why) => Conclusion::unproved(format!("{said}, but the number is not final: {why}")).on(on),
    }
}

/// Every REST call had a user, and all users are the harness's own.
pub(super) fn only_known_callers(evidence: Evidence<'_>, known: &[String]) -> Conclusion {
    let strangers: Vec<_> = evidence
        .records()
        .iter()
        .filter_map(|r| match r.observation() {
            Observation::ConsoleCall { user, path, .. }
                if !user.as_ref().is_some_and(|user| known.contains(user)) =>
            {
                Some((r.sequence, format!("{path} by {}", user.as_deref().unwrap_or("nobody known"))))
            }
            _ => None,
        })
        .collect();
    if let Some((_, first)) = strangers.first() {
        let said =
            format!("expected no REST call from the task, saw {}: {first}", plural(strangers.len(), "call"));
        return Conclusion::broken(evidence.subject(), said)
            .on(strangers.iter().map(|(sequence, _)| *sequence));
    }
    let Some(behind) = last_done(evidence) else {
        return Conclusion::unproved("no REST call came from the task, but no task has begun");
    };
    match evidence.fence(&Pipeline::ConsoleCalls, behind) {
        Ok(fence) => Conclusion::holds(format!(
            "every REST call was the harness's own, up to one made last (record {fence})"
        ))
        .on([fence]),
        Err(why) => Conclusion::unproved(format!("no REST call has come from the task so far, but {why}")),
    }
}

/// Someone without a bundle heard nothing at the link, and the Console told that it refused someone.
pub(super) fn stranger_refused(evidence: Evidence<'_>, token: &str) -> Conclusion {
    let heard = evidence.behind(token).iter().find_map(|r| match r.observation() {
        Observation::StrangerHeard { messages } if r.token() == Some(token) => Some((r, messages)),
        _ => None,
    });
    let Some((record, messages)) = heard else {
        return Conclusion::unproved("the stranger did not knock");
    };
    let refused =
        evidence.behind(token).iter().find(|r| matches!(r.observation(), Observation::LinkRefused { .. }));
    let on = [record.sequence].into_iter().chain(refused.map(|r| r.sequence));
    if !messages.is_empty() {
        let said =
            format!("expected a refusal before any message; the stranger heard {}", messages.join(", "));
        return Conclusion::broken(Blame::Console, said).on(on);
    }
    match refused {
        Some(refused) => Conclusion::holds(format!(
            "the stranger heard nothing, and was refused at {}",
            evidence.since(refused)
        ))
        .on(on),
        None => Conclusion::unproved(
            "the stranger heard nothing, but the Console has not told that it refused anyone",
        )
        .on(on),
    }
}

/// No variable of the container's app, as the Console embeds it, holds a secret of the Console.
pub(super) fn no_credential(evidence: Evidence<'_>, container: &str) -> Conclusion {
    let Some((record, embedded)) = evidence.definition(DefinitionRole::Embedded) else {
        return Conclusion::unproved("nothing was embedded");
    };
    let variables = super::embedding::container(embedded, container)
        .and_then(|container| container["environment"].as_array())
        .map_or(&[][..], Vec::as_slice);
    // A secret's value is taken out where it is recorded; what stands in its place tells that it was there.
    let suspicious: Vec<_> = variables
        .iter()
        .filter(|variable| {
            let value = variable["value"].as_str().unwrap_or_default();
            let name = variable["name"].as_str().unwrap_or_default().to_uppercase();
            value.contains("[redacted: ")
                || ["PASSWORD", "TOKEN", "USER", "INSTALL_BUNDLE"].iter().any(|word| name.contains(word))
        })
        .filter_map(|variable| variable["name"].as_str())
        .collect();
    let said = if suspicious.is_empty() {
        format!("none of {} of \"{container}\" is a credential", plural(variables.len(), "variable"))
    } else {
        format!(
            "expected no credential in the environment of \"{container}\", it has {}",
            suspicious.join(", ")
        )
    };
    Conclusion::either(suspicious.is_empty() && !variables.is_empty(), Blame::Console, said)
        .on([record.sequence])
}
