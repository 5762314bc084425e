//! A history written by hand, with a clock that is set by hand.

use proofhouse_protocol::actor::{End, Reply, Request, Spawn};
use proofhouse_protocol::observation::{
    Body, ContainerHappening, FencePhase, Pipeline, Plane, StepStatus, TaskKind, Transport,
};
use proofhouse_protocol::{EmbedNames, Observation, Recording, Source};
use proofhouse_reports::checks::Check;
use proofhouse_reports::history::SCHEMA;
use proofhouse_reports::verdict::ScenarioMeta;
use proofhouse_reports::{HistoryRecord, Level};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Id of the task that every scene has.
pub const TASK: &str = "4e2c0d6a";

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

/// A program that exited.
pub fn exited(code: i32) -> End {
    End::Exited { code }
}

/// A program that was not let.
pub fn denied() -> End {
    End::NotStarted { errno: 13, error: "Permission denied".into() }
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
        scene.add(Source::Runner, meta.to_observation(1, &EmbedNames::default()));
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
            schema: SCHEMA,
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
        self.ended(keyword, text, StepStatus::Passed, None)
    }

    pub fn ended(
        &mut self,
        keyword: &str,
        text: &str,
        status: StepStatus,
        message: Option<&str>,
    ) -> &mut Self {
        let (keyword, text, message) = (keyword.to_owned(), text.to_owned(), message.map(str::to_owned));
        let step = Observation::Step { keyword, text, argument: None, status, message, elapsed_ms: 12.5 };
        self.add(Source::Runner, step)
    }

    pub fn stimulus(&mut self, token: &str, what: &str) -> &mut Self {
        self.with(token, Source::Runner, Observation::Stimulus { what: what.to_owned() })
    }

    pub fn act(&mut self, token: &str, container: &str, request: Request, reply: Reply) -> &mut Self {
        let act = Observation::Act { request: Box::new(request), result: Box::new(reply) };
        self.with(token, Source::Actor(container.to_owned()), act)
    }

    /// The actor ran a program.
    pub fn ran(
        &mut self,
        token: &str,
        container: &str,
        argv: &[&str],
        pid: i32,
        end: End,
        stdout: &str,
    ) -> &mut Self {
        let request = Request::Run {
            argv: argv.iter().map(|word| (*word).to_owned()).collect(),
            env: BTreeMap::from([("PROOFHOUSE_TOKEN".to_owned(), token.to_owned())]),
            cwd: None,
            stdin: String::new(),
            spawn: Spawn::Fork,
            timeout_ms: 5000,
        };
        let (stdout, stderr) = (stdout.to_owned(), String::new());
        self.act(token, container, request, Reply::Ran { pid, end, stdout, stderr, elapsed_ms: 1.9 })
    }

    pub fn audit(&mut self, plane: Plane, audit: Value) -> &mut Self {
        self.audits += 1;
        let sequence = self.audits;
        self.add(Source::Console, Observation::Audit { plane, sequence, audit })
    }

    /// A runtime audit of a process in the worker.
    pub fn process_audit(&mut self, pid: i32, path: &str, effect: &str, rule: &str) -> &mut Self {
        self.audit(
            Plane::Runtime,
            json!({"time": "2026-01-05T09:00:01Z", "type": "processes", "attackType": "explicitlyDeniedProcess",
                "effect": effect, "ruleName": rule, "msg": format!("{path} launched and is explicitly blocked"),
                "hostname": "shop:4e2c0d6a", "appID": "shop:4e2c0d6a", "container": true, "containerName": "worker",
                "imageName": "debian:12", "pid": pid, "processPath": path, "command": format!("{path} /tmp/x"),
                "count": 1, "collections": ["All", "worker only"]}),
        )
    }

    pub fn fenced(
        &mut self,
        pipeline: Pipeline,
        id: &str,
        phase: FencePhase,
        containers: &[&str],
    ) -> &mut Self {
        let containers = containers.iter().map(|c| (*c).to_owned()).collect();
        let (id, totals) = (id.to_owned(), BTreeMap::new());
        self.add(Source::Runner, Observation::Fence { pipeline, id, phase, containers, totals })
    }

    /// A fence goes in, and comes out.
    pub fn fence(&mut self, pipeline: Pipeline, id: &str) -> &mut Self {
        self.fenced(pipeline.clone(), id, FencePhase::Sent, &[]).wait(3).fenced(
            pipeline,
            id,
            FencePhase::Passed,
            &["nginx", "worker"],
        )
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

    /// A client outside sent a request, and got an answer.
    pub fn exchange(
        &mut self,
        token: &str,
        target: &str,
        status: u16,
        event: Option<&str>,
        body: &str,
    ) -> &mut Self {
        let mut headers = vec![
            ("Server".to_owned(), "nginx/1.22.1".to_owned()),
            ("Content-Type".into(), "text/html".into()),
        ];
        headers.extend(event.map(|id| ("X-Prisma-Event-Id".to_owned(), id.to_owned())));
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
                response_headers: headers,
                body: Body::of(body.as_bytes()),
                elapsed_ms: 2.25,
                error: None,
                timed_out: false,
                tls: None,
            },
        )
    }

    pub fn app_saw(&mut self, token: &str, target: &str, status: u16) -> &mut Self {
        let (method, target, header) = ("GET".to_owned(), target.to_owned(), Some(token.to_owned()));
        let observation = Observation::AppRequest { method, target, token: header, status: Some(status) };
        self.add(Source::Container("nginx".into()), observation)
    }

    pub fn happened(&mut self, container: &str, event: ContainerHappening, code: Option<i64>) -> &mut Self {
        let event = Observation::ContainerEvent { event, exit_code: code, detail: String::new() };
        self.add(Source::Container(container.to_owned()), event)
    }

    /// A task begins, of these containers.
    pub fn began(&mut self, run: TaskKind, containers: &[&str]) -> &mut Self {
        let containers = containers.iter().map(|name| (*name).to_owned()).collect();
        let began = Observation::TaskBegan { task: TASK.into(), run, containers };
        self.with(&format!("start of {TASK}"), Source::Fargate, began)
    }

    /// Builds a check, and ends the step as the check says.
    pub fn check(&mut self, step: &str, check: &Check) -> &mut Self {
        self.checks("Then", step, std::slice::from_ref(check))
    }

    /// Builds checks up to the first that does not hold, and ends the step as they say.
    pub fn checks(&mut self, keyword: &str, step: &str, checks: &[Check]) -> &mut Self {
        let steps =
            self.records().iter().filter(|r| matches!(r.observation(), Observation::Step { .. })).count();
        for check in checks {
            let conclusion = check.judge(self.records());
            self.add(Source::Runner, check.to_observation(Some(steps)));
            if !conclusion.is_held() {
                return self.ended(keyword, step, StepStatus::Failed, Some(&conclusion.said));
            }
        }
        self.step(keyword, step)
    }

    pub fn end(&mut self) {
        self.wait(25).add(Source::Runner, Observation::ScenarioEnded { attempt: 1 });
    }
}
