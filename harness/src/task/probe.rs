//! Runs health checks from outside, as the agent would, but without waiting an interval for the first.

use super::shared::Shared;
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

/// Probes a container until it is aborted with its container.
pub(super) async fn follow(shared: Arc<Shared>, container: String, probe: HealthProbe) {
    let Some(id) = shared.id(&container) else { return };
    let started = Instant::now();
    let mut monitor = HealthMonitor::new(probe.interval, probe.start_period, probe.retries);
    loop {
        let outcome = shared.engine.exec(&id, &probe.argv, probe.timeout).await;
        let success = matches!(&outcome, Ok(outcome) if outcome.code == 0);
        if let Some(health) = monitor.probed(started.elapsed(), success) {
            let (event, detail) = match (health, &outcome) {
                (Health::Healthy, _) => {
                    (ContainerHappening::Healthy, format!("after {} ms", started.elapsed().as_millis()))
                }
                (_, Ok(outcome)) => {
                    let text = String::from_utf8_lossy(&outcome.stderr).trim().to_owned();
                    (
                        ContainerHappening::Unhealthy,
                        format!("`{}` ended with {}: {text}", probe.argv.join(" "), outcome.code),
                    )
                }
                (_, Err(error)) => (ContainerHappening::Unhealthy, error.to_string()),
            };
            shared.container_event(&container, event, None, detail);
            shared.tell(Event::HealthChanged {
                container: container.clone(),
                health,
                check: run_of(outcome),
            });
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

/// Both streams, the output first.
fn run_of(outcome: Result<ExecOutcome, EngineError>) -> CheckRun {
    match outcome {
        Ok(ExecOutcome { code, stdout, stderr }) => CheckRun {
            exit_code: Some(code),
            output: [stdout, stderr].iter().map(|stream| String::from_utf8_lossy(stream)).collect(),
        },
        Err(error) => CheckRun { exit_code: None, output: error.to_string() },
    }
}
