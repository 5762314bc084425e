//! A history written by hand, with a clock that is set by hand.

use proofhouse_protocol::observation::Transport;
use proofhouse_protocol::{Observation, Recording, Source};
use proofhouse_reports::checks::{Check, Conclusion};
use proofhouse_reports::verdict::ScenarioMeta;
use proofhouse_reports::{HistoryRecord, Level};
use serde_json::{Value, json};
use std::sync::Arc;

/// Records so far, and the time.
#[derive(Default)]
pub struct Tape {
    pub records: Vec<HistoryRecord>,
    clock_us: u64,
}

/// A scenario on the tape.
pub struct Scene<'a> {
    tape: &'a mut Tape,
    id: String,
    start: usize,
    audits: u64,
}

/// What a feature file could say.
pub fn meta(id: &str, title: &str, feature: &str, requirements: &[&str], level: Level) -> ScenarioMeta {
    let requirements: Vec<String> = requirements.iter().map(|r| (*r).to_owned()).collect();
    let mut tags = vec![id.to_owned(), level.to_string()];
    tags.extend(requirements.iter().cloned());
    let (area, number) = id.split_once('-').unwrap_or((id, "1"));
    ScenarioMeta {
        id: id.to_owned(),
        title: title.to_owned(),
        feature: feature.to_owned(),
        rule: None,
        requirements,
        level,
        tags,
        file: format!("features/{area}/{area}.feature"),
        line: number.trim_start_matches('0').parse::<u32>().unwrap_or(1) * 14,
        not_applicable: None,
        relies_on: Vec::new(),
    }
}

impl Tape {
    /// A record of the run as a whole.
    pub fn run(&mut self, source: Source, observation: Observation) {
        self.push(None, source, None, observation, 900);
    }

    /// A scenario begins.
    pub fn scene(&mut self, meta: &ScenarioMeta) -> Scene<'_> {
        let start = self.records.len();
        let mut scene = Scene { tape: self, id: meta.id.clone(), start, audits: 0 };
        scene.add(Source::Runner, meta.to_observation(1));
        scene
    }

    fn push(
        &mut self,
        scenario: Option<&str>,
        source: Source,
        token: Option<&str>,
        observation: Observation,
        us: u64,
    ) {
        self.clock_us += us;
        let start: jiff::Timestamp = "2026-01-05T09:00:00Z".parse().expect("a time");
        self.records.push(HistoryRecord {
            schema: 1,
            sequence: self.records.len() as u64 + 1,
            monotonic_us: self.clock_us,
            time: start
                + jiff::SignedDuration::from_micros(i64::try_from(self.clock_us).expect("a run of hours")),
            scenario: scenario.map(str::to_owned),
            recording: Arc::new(Recording { source, token: token.map(str::to_owned), observation }),
        });
    }
}

impl Scene<'_> {
    pub fn records(&self) -> &[HistoryRecord] {
        &self.tape.records[self.start..]
    }

    pub fn add(&mut self, source: Source, observation: Observation) -> &mut Self {
        let id = self.id.clone();
        self.tape.push(Some(&id), source, None, observation, 1_700);
        self
    }

    pub fn with(&mut self, token: &str, source: Source, observation: Observation) -> &mut Self {
        let id = self.id.clone();
        self.tape.push(Some(&id), source, Some(token), observation, 2_300);
        self
    }

    pub fn wait(&mut self, ms: u64) -> &mut Self {
        self.tape.clock_us += ms * 1000;
        self
    }

    pub fn step(&mut self, keyword: &str, text: &str) -> &mut Self {
        self.ended(keyword, text, "passed", None)
    }

    pub fn ended(&mut self, keyword: &str, text: &str, status: &str, message: Option<&str>) -> &mut Self {
        let (keyword, text, status) = (keyword.to_owned(), text.to_owned(), status.to_owned());
        let message = message.map(str::to_owned);
        self.add(
            Source::Runner,
            Observation::Step { keyword, text, argument: None, status, message, elapsed_ms: 12.5 },
        )
    }

    pub fn stimulus(&mut self, token: &str, what: &str) -> &mut Self {
        self.with(token, Source::Runner, Observation::Stimulus { what: what.to_owned() })
    }

    /// The actor ran a program.
    pub fn ran(
        &mut self,
        token: &str,
        container: &str,
        argv: &[&str],
        pid: i64,
        end: Value,
        stdout: &str,
    ) -> &mut Self {
        let request =
            json!({"do": "run", "argv": argv, "env": {"PROOFHOUSE_TOKEN": token}, "timeout_ms": 5000});
        let result = json!({"reply": "ran", "pid": pid, "end": end, "stdout": stdout, "stderr": "", "elapsed_ms": 1.9});
        self.with(token, Source::Actor(container.to_owned()), Observation::Act { request, result })
    }

    pub fn audit(&mut self, plane: &str, audit: Value) -> &mut Self {
        self.audits += 1;
        let (plane, sequence) = (plane.to_owned(), self.audits);
        self.add(Source::Console, Observation::Audit { plane, sequence, audit })
    }

    /// A runtime audit of a process in the worker.
    pub fn process_audit(&mut self, pid: i64, path: &str, effect: &str, rule: &str) -> &mut Self {
        self.audit(
            "runtime",
            json!({"time": "2026-01-05T09:00:01Z", "type": "processes", "attackType": "explicitlyDeniedProcess",
                "effect": effect, "ruleName": rule, "msg": format!("{path} launched and is explicitly blocked"),
                "hostname": "shop:4e2c0d6a", "appID": "shop:4e2c0d6a", "container": true, "containerName": "worker",
                "imageName": "debian:12", "pid": pid, "processPath": path, "command": format!("{path} /tmp/x"),
                "count": 1, "collections": ["All", "worker only"]}),
        )
    }

    pub fn fence(&mut self, id: &str, containers: &[&str]) -> &mut Self {
        let containers: Vec<String> = containers.iter().map(|c| (*c).to_owned()).collect();
        let fence = |phase: &str, containers| Observation::Fence {
            id: id.to_owned(),
            phase: phase.to_owned(),
            containers,
        };
        self.add(Source::Console, fence("sent", Vec::new()))
            .wait(3)
            .add(Source::Console, fence("passed", containers))
    }

    pub fn asked(&mut self, name: &str, answer: &str) -> &mut Self {
        self.add(
            Source::Resolver,
            Observation::DnsQuestion {
                client: "10.0.42.7:40112".into(),
                server: "10.0.42.2:53".into(),
                transport: Transport::Udp,
                name: name.into(),
                record: "A".into(),
                answer: answer.into(),
            },
        )
    }

    /// A client outside sent a request.
    pub fn exchange(
        &mut self,
        token: &str,
        target: &str,
        status: u16,
        event: Option<&str>,
        body: &str,
    ) -> &mut Self {
        let mut response_headers = vec![("Server".to_owned(), "nginx/1.22.1".to_owned())];
        response_headers.extend(event.map(|id| ("X-Prisma-Event-Id".to_owned(), id.to_owned())));
        self.with(
            token,
            Source::Outside("client".into()),
            Observation::HttpExchange {
                client: "203.0.113.7:51000".into(),
                server: "10.0.42.7:80".into(),
                method: "GET".into(),
                target: target.into(),
                request_headers: vec![("X-Proofhouse-Token".into(), token.into())],
                status: Some(status),
                response_headers,
                body: body.into(),
                body_sha256: format!("{:064x}", body.len()),
                elapsed_ms: 2.25,
                error: None,
            },
        )
    }

    pub fn app_saw(&mut self, token: &str, target: &str, status: u16) -> &mut Self {
        let (method, target, header) = ("GET".to_owned(), target.to_owned(), Some(token.to_owned()));
        let observation = Observation::AppRequest { method, target, token: header, status: Some(status) };
        self.with(token, Source::Container("nginx".into()), observation)
    }

    /// Task, Console link and policy, as most scenarios begin.
    pub fn task(&mut self, policy: Value) -> &mut Self {
        let event = |event: &str| Observation::ContainerEvent {
            event: event.into(),
            exit_code: None,
            detail: String::new(),
        };
        let console = |method: &str, path: &str| Observation::ConsoleCall {
            method: method.into(),
            path: path.into(),
            status: 200,
            user: Some("admin".into()),
            error: None,
        };
        self.add(Source::Console, console("PUT", "/api/v34.04/policies/runtime/app-embedded"));
        self.add(Source::Console, Observation::PolicyRevision { revision: 2, policy });
        self.step("Given", "the runtime policy of this feature");
        self.add(
            Source::Console,
            console("POST", "/api/v34.04/defenders/fargate.json?consoleaddr=console.internal"),
        );
        self.add(
            Source::Engine,
            Observation::TaskState { state: "PROVISIONING".into(), detail: String::new() },
        );
        for name in ["TwistlockDefender", "nginx", "worker"] {
            self.add(Source::Container(name.into()), event("created"));
        }
        self.wait(110).add(Source::Container("TwistlockDefender".into()), event("started"));
        self.add(
            Source::Console,
            Observation::LinkConnected {
                app_id: "shop:4e2c0d6a".into(),
                peer: "10.0.42.7:38822".into(),
                certificate: "app-embedded".into(),
            },
        );
        self.add(Source::Console, Observation::PolicyApplied { revision: 2 });
        self.wait(40).add(Source::Container("TwistlockDefender".into()), event("healthy"));
        for name in ["nginx", "worker"] {
            self.add(Source::Container(name.into()), event("started"));
        }
        for (name, line) in [("nginx", "start worker process 29"), ("worker", "actor ready")] {
            let stream = if name == "nginx" { "stderr" } else { "stdout" };
            let observation = Observation::Log { stream: stream.into(), line: line.into() };
            self.add(Source::Container(name.into()), observation);
        }
        self.add(Source::Engine, Observation::TaskState { state: "RUNNING".into(), detail: String::new() });
        self.step("And", "a protected task with the containers \"nginx\" and \"worker\"")
    }

    /// Runs a checker on what is there, records its finding, and ends the step as it says.
    pub fn check(&mut self, step: &str, check: &Check) -> &mut Self {
        let conclusion: Conclusion = check.judge(self.records());
        let (holds, message) = (conclusion.holds, conclusion.message.clone());
        self.add(Source::Runner, conclusion.into_observation());
        let status = if holds { "passed" } else { "failed" };
        self.ended("Then", step, status, (!holds).then_some(message.as_str()))
    }

    pub fn end(&mut self) {
        self.wait(25).add(Source::Runner, Observation::ScenarioEnded { attempt: 1 });
    }
}
