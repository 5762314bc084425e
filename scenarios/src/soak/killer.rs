//! Kills, one behind the other, each at its moment, and what comes back behind it.

use super::round::Round;
use super::schedule::{Kill, Target};
use crate::explore::CONTAINERS;
use crate::rig::{POLICY_LIMIT, RigError};
use proofhouse_console::Fault;
use proofhouse_protocol::actor::Request;
use proofhouse_protocol::observation::{ContainerHappening, Observation, Source};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// How long something may take to be back.
const BACK_LIMIT: Duration = Duration::from_secs(40);

/// How long a look waits before the next.
const BETWEEN: Duration = Duration::from_millis(20);

/// Carries the kills out. Behind the last everything is back, and a fence has come out of every container.
pub async fn kill_all(round: &Round<'_>, kills: &[Kill]) -> Result<(), RigError> {
    let mut away: Vec<&Kill> = Vec::new();
    for kill in kills {
        if away.iter().any(|other| other.target == kill.target) {
            all_back(round, &mut away).await?;
        }
        tokio::time::sleep(kill.pause).await;
        carry_out(round, kill.target).await?;
        round.killed.fetch_add(1, Ordering::Relaxed);
        away.push(kill);
        if !kill.overlaps {
            all_back(round, &mut away).await?;
            if kill.fenced {
                fence(round).await?;
            }
        }
    }
    all_back(round, &mut away).await?;
    fence(round).await
}

async fn carry_out(round: &Round<'_>, target: Target) -> Result<(), RigError> {
    match target {
        Target::Console => {
            let console = round.rig.console().console();
            console.faults().begin(refusal());
            console.close_links();
        }
        Target::Sidecar => kill(round, round.sidecar).await?,
        Target::Wrapper(container) => kill(round, container).await?,
    }
    Ok(())
}

/// A container is killed, and has ended and been started again before anything else is done to it.
async fn kill(round: &Round<'_>, container: &str) -> Result<(), RigError> {
    let starts = round.starts(container);
    round.rig.task()?.container(container)?.kill("SIGKILL").await.map_err(RigError::from)?;
    let again = |record: &proofhouse_reports::HistoryRecord| {
        matches!((&record.recording.source, record.observation()),
            (Source::Container(name), Observation::ContainerEvent { event: ContainerHappening::Started, .. }) if name == container)
    };
    round.watch.wait_for_nth(BACK_LIMIT, starts + 1, again).await.then_some(()).ok_or_else(|| late(container))
}

/// What keeps links away.
fn refusal() -> Fault {
    "link-refuse".parse().expect("the Console has that fault")
}

fn late(what: &str) -> RigError {
    RigError::Actor { container: what.to_owned(), why: format!("it was not back within {BACK_LIMIT:?}") }
}

async fn all_back(round: &Round<'_>, away: &mut Vec<&Kill>) -> Result<(), RigError> {
    for kill in away.drain(..) {
        match kill.target {
            Target::Console => {
                tokio::time::sleep(kill.away).await;
                round.rig.console().console().faults().end(refusal());
            }
            Target::Sidecar => {}
            Target::Wrapper(container) => {
                round.act(container, &Request::Ping, None).await?;
            }
        }
    }
    let console = round.rig.console().console();
    console.wait_connected(None, BACK_LIMIT).await.map_err(RigError::from)?;
    round.rig.policy_in_force(POLICY_LIMIT).await
}

/// Fences until one has come out of every container: a wrapper comes back to a new sidecar in its own time.
pub async fn fence(round: &Round<'_>) -> Result<(), RigError> {
    let since = Instant::now();
    loop {
        let passed = round.rig.console().console().fence(BACK_LIMIT).await;
        let whole = passed.is_ok_and(|passed| {
            CONTAINERS.iter().all(|name| passed.containers.values().flatten().any(|had| had == name))
        });
        if whole {
            return Ok(());
        }
        if since.elapsed() > BACK_LIMIT {
            return Err(late("a fence of every container"));
        }
        tokio::time::sleep(BETWEEN).await;
    }
}
