//! A round: a fresh task, its kills, what became of the audits, and what was left behind.

use super::deeds;
use super::draw::Draw;
use super::killer;
use super::schedule::Schedule;
use crate::explore::{CONTAINERS, definition, internet};
use crate::rig::{POLICY_LIMIT, READY_LIMIT, Rig, RigError, Stage, chain};
use crate::watch::Watch;
use proofhouse_protocol::actor::{Reply, Request};
use proofhouse_protocol::observation::{ContainerHappening, Observation, Recording, Source, record};
use proofhouse_protocol::{Recorder as _, RuntimePolicy};
use proofhouse_reports::ScenarioMeta;
use proofhouse_reports::checks::{AuditsKept, Check, Conclusion, Kept};
use proofhouse_reports::history::History;
use serde_json::{Value, json};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// The program that is denied.
pub const PROGRAM: &str = "mkdir";

/// Names below this one are denied.
pub const NAMES: &str = "denied.example";

/// Restart periods are a minute at least; here they are over in a tenth of a second.
const HASTE: u32 = 600;

/// Audits that the Console is asked for at once: no answer is longer than what a record keeps.
const PAGE: usize = 25;

/// The task of a round, for those who act on it.
pub struct Round<'a> {
    pub id: &'a str,
    pub rig: &'a Rig,
    pub watch: &'a Watch,
    pub sidecar: &'a str,
    pub resolver: SocketAddr,
    /// Kills that were carried out.
    pub killed: &'a AtomicUsize,
}

/// A round, judged.
#[derive(Debug)]
pub struct RoundDone {
    /// What became of the audits, in numbers.
    pub kept: Kept,
    /// What the checks say: of the audits, and of what is left.
    pub conclusions: Vec<Conclusion>,
    /// Kills that were carried out.
    pub killed: usize,
    /// Why the round did not come to its end, where it did not.
    pub cut_off: Option<String>,
}

impl Round<'_> {
    pub fn record(&self, recording: Recording) {
        self.watch.record(recording);
    }

    pub async fn act(
        &self,
        container: &str,
        request: &Request,
        token: Option<&str>,
    ) -> Result<Reply, RigError> {
        self.rig.task()?.act(container, request, token).await
    }

    /// How often a container has started.
    pub fn starts(&self, container: &str) -> usize {
        let started = |observation: &Observation| {
            matches!(observation, Observation::ContainerEvent { event: ContainerHappening::Started, .. })
        };
        let of = Source::Container(container.to_owned());
        self.watch.records().iter().filter(|r| r.recording.source == of && started(r.observation())).count()
    }
}

/// The check of a round. Where the round was cut off, nobody has asked the Console for what it has.
#[must_use]
pub fn check(listed: bool) -> AuditsKept {
    AuditsKept { program: PROGRAM.to_owned(), names: NAMES.to_owned(), listed }
}

/// Runs a round.
///
/// # Errors
/// When the environment fails. What was killed and does not come back cuts the round off.
pub async fn round(
    stage: &Arc<Stage>,
    seed: u64,
    schedule: &Schedule,
    history: &History,
) -> Result<RoundDone, RigError> {
    let id = format!("soaked-{:04}", schedule.round);
    let watch = Arc::new(Watch::new(history, &id));
    let recorder = history.for_scenario(&id);
    record(&recorder, Source::Runner, meta(&id).to_observation(1, &stage.defender().embed_names()));
    let mut rig = Rig::new(Arc::clone(stage), &id, Arc::clone(&watch)).await?;
    let killed = AtomicUsize::new(0);
    let soaked = soak(&mut rig, &watch, stage, (&id, seed), schedule, &killed).await;
    let volumes = match rig.task() {
        Ok(task) => task.volumes().await.unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    if soaked.is_err() {
        rig.capture().await;
    }
    rig.take_down().await;
    let labelled = stage.created_for(&id).await?;
    let unlabelled = stage.remove_volumes(&volumes).await?;
    record(&recorder, Source::Engine, Observation::Remains { labelled, unlabelled, had: volumes.len() });
    let listed = soaked.is_ok();
    let checks = [Check::AuditsKept(check(listed)), Check::NothingOnTheEngine { removed: true }];
    let records = watch.records();
    for check in &checks {
        record(&recorder, Source::Runner, check.to_observation(None));
    }
    Ok(RoundDone {
        kept: check(listed).kept(&records),
        conclusions: checks.iter().map(|check| check.judge(&records)).collect(),
        killed: killed.into_inner(),
        cut_off: soaked.err().map(|error| chain(&error)),
    })
}

async fn soak(
    rig: &mut Rig,
    watch: &Watch,
    stage: &Stage,
    (id, seed): (&str, u64),
    schedule: &Schedule,
    killed: &AtomicUsize,
) -> Result<(), RigError> {
    rig.hasten_restarts(HASTE);
    rig.client().demand("PUT", "/policies/runtime/app-embedded", Some(&json!(policy()))).await?;
    let sidecar = stage.defender().embed_names().sidecar;
    let definition = restarted(rig.embed(&restarted(definition())).await?);
    rig.start(&definition, &internet(), Some(id)).await?.ready(&[], READY_LIMIT).await?;
    rig.policy_in_force(POLICY_LIMIT).await?;
    let resolver = IpAddr::V4(rig.task()?.surroundings().network().resolver);
    let round = Round { id, rig, watch, sidecar: &sidecar, resolver: SocketAddr::new(resolver, 53), killed };
    killer::fence(&round).await?;
    let stop = AtomicBool::new(false);
    let killing = async {
        let killed = killer::kill_all(&round, &schedule.kills).await;
        stop.store(true, Ordering::Relaxed);
        killed
    };
    let apps = futures_util::future::join_all(CONTAINERS.iter().zip(1u64..).map(|(container, number)| {
        let draw = Draw::of(seed ^ u64::from(schedule.round) << 8, number << 32);
        deeds::go_on(&round, container, draw, &stop)
    }));
    let (killed, _) = tokio::join!(killing, apps);
    killed?;
    killer::fence(&round).await?;
    ask_for_all(rig, id).await
}

/// Asks the Console for every audit that it has.
async fn ask_for_all(rig: &Rig, token: &str) -> Result<(), RigError> {
    for page in 0.. {
        let path = format!("/audits/runtime/app-embedded?sort=time&limit={PAGE}&offset={}", page * PAGE);
        let answer = rig.client().call("GET", &path, None, Some(token)).await?;
        if answer.body.as_array().is_none_or(Vec::is_empty) {
            break;
        }
    }
    Ok(())
}

/// The definition, with containers that are all started again when they end.
fn restarted(mut definition: Value) -> Value {
    for container in definition["containerDefinitions"].as_array_mut().into_iter().flatten() {
        container["restartPolicy"] = json!({"enabled": true, "restartAttemptPeriod": 60});
    }
    definition
}

fn policy() -> RuntimePolicy {
    let section = |denied: &str| json!({"effect": "prevent", "blacklist": [denied], "whitelist": []});
    let document = json!({"_id": "appEmbeddedRuntime", "rules": [{
        "name": "soaked",
        "collections": [{"name": "All"}],
        "processes": section(PROGRAM),
        "dns": section(&format!("*.{NAMES}")),
        "network": {"effect": "disable"},
        "filesystem": {"effect": "disable"},
    }]});
    serde_json::from_value(document).expect("the policy is one")
}

fn meta(id: &str) -> ScenarioMeta {
    ScenarioMeta::made_up(id, "Soak", "No audit is lost or doubled while parts of the system are killed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_denied_is_so_in_every_container() {
        let policy = policy();
        assert_eq!(policy.rules.len(), 1);
        assert_eq!(policy.rules[0].collections[0].name, "All");
    }
}
