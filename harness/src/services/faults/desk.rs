//! Who takes the requests, and has the outside carry them out.

use super::path::{Fault, FaultPath, Operation};
use super::request::{self, BadRequest};
use super::throttle::Throttle;
use crate::outside::{Blackhole, Effect, Faults, Impairment, Outside};
use crate::services::HostResponse;
use serde_json::json;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a change of the network may take.
const LIMIT: Duration = Duration::from_secs(5);

/// The API of one task.
pub(in crate::services) struct FaultDesk {
    outside: Arc<dyn Outside>,
    throttle: std::sync::Mutex<Throttle>,
    /// What acts now. Held while it changes: one request is carried out after the other.
    acting: tokio::sync::Mutex<Faults>,
}

/// What the metadata of the task say of who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::services) struct Known {
    /// Whether the id in the path is that of a container.
    pub container: bool,
    /// `enableFaultInjection` of the definition.
    pub enabled: bool,
    /// ARN of the task.
    pub task_arn: String,
}

/// What is wanted of the network.
enum Wanted {
    Blackhole(Operation, Blackhole),
    /// Latency or loss is started.
    Impair(Impairment),
    /// Latency or loss is stopped or looked at.
    Other(Operation, Fault),
}

/// Status and words of an answer that is no success.
struct Refusal(u16, String);

// ---------------------------------------------------------------------------------------------------------------------

impl FaultDesk {
    /// The API of the task that has this outside; no fault acts.
    pub(in crate::services) fn new(outside: Arc<dyn Outside>) -> Self {
        FaultDesk { outside, throttle: std::sync::Mutex::default(), acting: tokio::sync::Mutex::default() }
    }

    /// Answers a request: 200 with `Status`, or 400, 404, 405, 409, 429, 500 with `Error`.
    pub(in crate::services) async fn answer(
        &self,
        path: &FaultPath,
        method: &str,
        body: &[u8],
        known: &Known,
        now: Instant,
    ) -> HostResponse {
        match self.carry_out(path, method, body, known, now).await {
            Ok(status) => HostResponse::json(200, &json!({"Status": status})),
            Err(Refusal(status, text)) => HostResponse::json(status, &json!({"Error": text})),
        }
    }

    async fn carry_out(
        &self,
        path: &FaultPath,
        method: &str,
        body: &[u8],
        known: &Known,
        now: Instant,
    ) -> Result<&'static str, Refusal> {
        if method != "POST" {
            return Err(Refusal(405, format!("method {method} is not allowed here")));
        }
        let admitted = self.throttle.lock().expect("nothing panics while it holds the lock").admit(path, now);
        if !admitted {
            return Err(Refusal(429, "rate exceeded".to_owned()));
        }
        let wanted = read(path, body)?;
        if !known.container {
            return Err(Refusal(404, format!("unable to lookup container: {}", path.id)));
        }
        if !known.enabled {
            let text = format!("enableFaultInjection is not enabled for task: {}", known.task_arn);
            return Err(Refusal(400, text));
        }
        let mut acting = self.acting.lock().await;
        let (next, status) = outcome(&acting, wanted)?;
        if next != *acting {
            let changed = tokio::time::timeout(LIMIT, self.outside.set_faults(next.clone())).await;
            let late = || Refusal(500, format!("{} {}: request timed out", path.operation, path.fault));
            changed.map_err(|_| late())?.map_err(|error| Refusal(500, format!("internal error: {error}")))?;
            *acting = next;
        }
        Ok(status)
    }
}

impl fmt::Debug for FaultDesk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("FaultDesk").field("acting", &self.acting).finish_non_exhaustive()
    }
}

impl From<BadRequest> for Refusal {
    fn from(error: BadRequest) -> Self {
        Refusal(400, error.to_string())
    }
}

/// A black hole is named by its body in every operation; latency and loss have one only when they are started.
fn read(path: &FaultPath, body: &[u8]) -> Result<Wanted, Refusal> {
    Ok(match (path.fault, path.operation) {
        (Fault::BlackholePort, operation) => Wanted::Blackhole(operation, request::blackhole(body)?),
        (Fault::Latency, Operation::Start) => Wanted::Impair(request::latency(body)?),
        (Fault::PacketLoss, Operation::Start) => Wanted::Impair(request::loss(body)?),
        (fault, operation) => Wanted::Other(operation, fault),
    })
}

/// What the network has after a request, and what is answered.
fn outcome(acting: &Faults, wanted: Wanted) -> Result<(Faults, &'static str), Refusal> {
    let mut next = acting.clone();
    let status = match wanted {
        Wanted::Blackhole(operation, blackhole) => {
            let same = |other: &Blackhole| {
                (other.direction, other.transport, other.port)
                    == (blackhole.direction, blackhole.transport, blackhole.port)
            };
            let running = next.blackholes.iter().any(same);
            match operation {
                Operation::Start => {
                    // One that is there stays as it is, whatever it spares.
                    if !running {
                        next.blackholes.push(blackhole);
                    }
                    "running"
                }
                Operation::Stop => {
                    next.blackholes.retain(|other| !same(other));
                    "stopped"
                }
                Operation::Status => state(running),
            }
        }
        Wanted::Impair(impairment) => {
            if let Some(running) = kind(acting) {
                let name = if running == Fault::Latency { "latency" } else { "packet loss" };
                return Err(Refusal(409, format!("There is already one network {name} fault running")));
            }
            next.impairment = Some(impairment);
            "running"
        }
        Wanted::Other(operation, fault) => {
            let running = kind(acting) == Some(fault);
            match operation {
                Operation::Stop => {
                    next.impairment = next.impairment.filter(|_| !running);
                    "stopped"
                }
                _ => state(running),
            }
        }
    };
    Ok((next, status))
}

fn state(running: bool) -> &'static str {
    if running { "running" } else { "not-running" }
}

/// The one of latency and loss that acts.
fn kind(faults: &Faults) -> Option<Fault> {
    faults.impairment.as_ref().map(|impairment| match impairment.effect {
        Effect::Delay { .. } => Fault::Latency,
        Effect::Loss { .. } => Fault::PacketLoss,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outside::InProcess;

    const HOLE: &str = r#"{"Port": 443, "Protocol": "tcp", "TrafficType": "egress"}"#;
    const LATE: &str = r#"{"DelayMilliseconds": 100, "JitterMilliseconds": 0, "Sources": ["0.0.0.0/0"]}"#;
    const LOST: &str = r#"{"LossPercent": 50, "Sources": ["0.0.0.0/0"]}"#;

    fn known() -> Known {
        Known { container: true, enabled: true, task_arn: "arn:task".to_owned() }
    }

    /// A desk that is asked every ten seconds.
    struct Asked {
        place: InProcess,
        desk: FaultDesk,
        now: Instant,
    }

    impl Asked {
        fn new() -> Self {
            let place = InProcess::default();
            Asked { desk: FaultDesk::new(Arc::new(place.clone())), place, now: Instant::now() }
        }

        async fn post(&mut self, end: &str, body: &str) -> (u16, String) {
            self.now += Duration::from_secs(10);
            self.post_as("one", end, body, &known()).await
        }

        async fn post_as(&self, id: &str, end: &str, body: &str, known: &Known) -> (u16, String) {
            let path = FaultPath::read(&format!("/api/{id}/fault/v1/network-{end}")).unwrap();
            let answer = self.desk.answer(&path, "POST", body.as_bytes(), known, self.now).await;
            (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
        }
    }

    fn status(text: &str) -> (u16, String) {
        (200, json!({"Status": text}).to_string())
    }

    fn error(status: u16, text: &str) -> (u16, String) {
        (status, json!({"Error": text}).to_string())
    }

    #[tokio::test]
    async fn a_black_hole_acts_from_its_start_to_its_stop() {
        let mut asked = Asked::new();
        assert_eq!(asked.post("blackhole-port/status", HOLE).await, status("not-running"));
        assert_eq!(asked.post("blackhole-port/start", HOLE).await, status("running"));
        assert_eq!(asked.place.faults().blackholes.len(), 1);
        assert_eq!(asked.post("blackhole-port/start", HOLE).await, status("running"));
        assert_eq!(asked.place.faults().blackholes.len(), 1);
        let other = HOLE.replace("egress", "ingress");
        assert_eq!(asked.post("blackhole-port/status", &other).await, status("not-running"));
        assert_eq!(asked.post("blackhole-port/start", &other).await, status("running"));
        assert_eq!(asked.place.faults().blackholes.len(), 2);
        assert_eq!(asked.post("blackhole-port/stop", HOLE).await, status("stopped"));
        assert_eq!(asked.post("blackhole-port/stop", HOLE).await, status("stopped"));
        assert_eq!(asked.post("blackhole-port/status", HOLE).await, status("not-running"));
        assert_eq!(asked.post("blackhole-port/status", &other).await, status("running"));
    }

    #[tokio::test]
    async fn latency_and_loss_exclude_each_other_and_themselves() {
        let mut asked = Asked::new();
        let latency = error(409, "There is already one network latency fault running");
        let loss = error(409, "There is already one network packet loss fault running");
        assert_eq!(asked.post("latency/start", LATE).await, status("running"));
        assert_eq!(asked.post("latency/start", LATE).await, latency);
        assert_eq!(asked.post("packet-loss/start", LOST).await, latency);
        assert_eq!(asked.post("packet-loss/status", "").await, status("not-running"));
        assert_eq!(asked.post("packet-loss/stop", "").await, status("stopped"));
        assert_eq!(asked.post("latency/status", "").await, status("running"));
        assert_eq!(asked.post("blackhole-port/start", HOLE).await, status("running"));
        assert_eq!(asked.post("latency/stop", "").await, status("stopped"));
        assert_eq!(asked.place.faults().impairment, None);
        assert_eq!(asked.post("packet-loss/start", LOST).await, status("running"));
        assert_eq!(asked.post("latency/start", LATE).await, loss);
        assert_eq!(asked.place.faults().blackholes.len(), 1);
    }

    #[tokio::test]
    async fn nobody_gets_past_the_checks_and_they_come_in_order() {
        let asked = Asked::new();
        let stranger = Known { container: false, enabled: false, ..known() };
        let off = Known { enabled: false, ..known() };
        let missing = error(400, "required parameter Port is missing");
        assert_eq!(asked.post_as("a", "blackhole-port/start", "{}", &stranger).await, missing);
        let unknown = error(404, "unable to lookup container: b");
        assert_eq!(asked.post_as("b", "blackhole-port/start", HOLE, &stranger).await, unknown);
        let disabled = error(400, "enableFaultInjection is not enabled for task: arn:task");
        assert_eq!(asked.post_as("c", "blackhole-port/start", HOLE, &off).await, disabled);
        for operation in ["latency/status", "latency/stop", "packet-loss/status", "packet-loss/stop"] {
            assert_eq!(asked.post_as("c", operation, "", &off).await, disabled);
        }
        assert_eq!(asked.post_as("d", "latency/start", LATE, &known()).await, status("running"));
        assert_eq!(asked.post_as("d", "latency/start", "", &known()).await.0, 429);
        assert_eq!(asked.place.faults().blackholes, []);
        let path = FaultPath::read("/api/e/fault/v1/network-latency/stop").unwrap();
        assert_eq!(asked.desk.answer(&path, "GET", b"", &known(), asked.now).await.status, 405);
    }
}
