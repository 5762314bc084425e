//! Runs health checks from outside, as the agent would, but without waiting an interval for the first.

use super::shared::{Shared, source};
use crate::engine::{EngineError, ExecOutcome};
use crate::lifecycle::{CheckRun, Event, Health, HealthMonitor};
use crate::plan::HealthProbe;
use proofhouse_protocol::observation::ContainerHappening;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Between extra probes while a container is not healthy yet.
const EAGER: Duration = Duration::from_millis(40);
/// After that long, extra probes become rare.
const EAGER_FOR: Duration = Duration::from_secs(3);
/// Between rare extra probes.
const PATIENT: Duration = Duration::from_millis(400);

/// Between tries of a probe that the engine could not run.
const RETRY: Duration = Duration::from_millis(200);

/// Probes a container until it is aborted with its container. A probe that the engine could not run says nothing of the
/// container: it counts as neither success nor failure, and is tried again.
pub(super) async fn follow(shared: Arc<Shared>, container: String, probe: HealthProbe) {
    let Some(id) = shared.id(&container) else { return };
    let started = Instant::now();
    let mut monitor = HealthMonitor::new(probe.interval, probe.start_period, probe.retries);
    let mut unanswered = 0_u32;
    loop {
        let check = match shared.engine.exec(&id, &probe.argv, probe.timeout).await {
            Ok(outcome) => run_of(outcome),
            Err(EngineError::Unfinished { after, .. }) => {
                CheckRun { exit_code: None, output: format!("it did not end within {after:?}") }
            }
            Err(error) => {
                unanswered += 1;
                if unanswered == 1 {
                    let text = format!("a health check was not run, and is tried again: {error}");
                    shared.note(source(&container), text);
                }
                tokio::time::sleep(RETRY.min(probe.interval)).await;
                continue;
            }
        };
        if unanswered > 1 {
            shared.note(source(&container), format!("a health check is run again after {unanswered} tries"));
        }
        unanswered = 0;
        if let Some(health) = monitor.probed(started.elapsed(), check.exit_code == Some(0)) {
            let (event, detail) = match health {
                Health::Healthy => {
                    (ContainerHappening::Healthy, format!("after {} ms", started.elapsed().as_millis()))
                }
                Health::Unhealthy | Health::Unknown => {
                    (ContainerHappening::Unhealthy, in_words(&probe.argv, &check))
                }
            };
            shared.container_event(&container, event, None, detail);
            shared.tell(Event::HealthChanged { container: container.clone(), health, check });
        }
        let pause = if monitor.health() == Health::Healthy {
            probe.interval
        } else if started.elapsed() < EAGER_FOR {
            EAGER.min(probe.interval)
        } else {
            PATIENT.min(probe.interval)
        };
        tokio::time::sleep(pause).await;
    }
}

fn in_words(argv: &[String], check: &CheckRun) -> String {
    let (argv, output) = (argv.join(" "), check.output.trim());
    match check.exit_code {
        Some(code) => format!("`{argv}` ended with {code}: {output}"),
        None => format!("`{argv}`: {output}"),
    }
}

/// Both streams, the output first.
fn run_of(outcome: ExecOutcome) -> CheckRun {
    let ExecOutcome { code, stdout, stderr } = outcome;
    CheckRun {
        exit_code: Some(code),
        output: [stdout, stderr].iter().map(|stream| String::from_utf8_lossy(stream)).collect(),
    }
}
