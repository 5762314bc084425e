//! Console, definition and task, as most scenarios begin.

use super::tape::{Scene, TASK};
use proofhouse_protocol::observation::{
    Body, ContainerHappening as Happening, DefinitionRole, LogStream, Pipeline, Plane, TaskKind,
};
use proofhouse_protocol::task::{ContainerRecord, ContainerStatus, Health, TaskRecord, TaskStatus};
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::checks::{AuditCount, Check, Program, ProgramExpectation, TaskExpectation};
use serde_json::{Value, json};
use std::time::Duration;

const WRAPPER: [&str; 3] = ["/var/lib/twistlock/fargate/defender", "fargate", "entrypoint"];

/// Policies of both kinds.
pub fn policy() -> Value {
    json!({"revision": 2, "runtime": {"_id": "appEmbeddedRuntime", "rules": [{"name": "worker makes no folders",
        "collections": [{"name": "worker only", "containers": ["worker"]}],
        "processes": {"effect": "prevent", "blacklist": ["mkdir"], "whitelist": []},
        "dns": {"effect": "prevent", "blacklist": [], "whitelist": ["*.example.com"]},
        "network": {"effect": "disable"}}]},
        "waas": {"rules": [{"name": "shop front", "collections": [{"name": "All"}], "applicationsSpec": [{
        "appID": "app-0001", "apiSpec": {"endpoints": [{"exposedPort": 80, "internalPort": 8080}]},
        "sqli": {"effect": "prevent"}, "xss": {"effect": "prevent"}, "lfi": {"effect": "alert"},
        "shellshock": {"effect": "disable"}}]}]}, "semantics": {"profile": "current"}})
}

pub fn program(token: &str, expect: ProgramExpectation) -> Check {
    Check::Program(Program { token: token.to_owned(), expect })
}

pub fn no_audit(token: &str) -> Check {
    Check::Audits(AuditCount::exactly(0, Plane::Runtime).of(token))
}

/// The way of questions of the worker.
pub fn questions() -> Pipeline {
    Pipeline::Questions { container: "worker".into() }
}

/// The way of requests to nginx.
pub fn requests() -> Pipeline {
    Pipeline::AppRequests { port: 80 }
}

/// The definition that a scenario has.
pub fn original() -> Value {
    json!({"family": "shop", "cpu": "256", "memory": "512", "containerDefinitions": [
        {"name": "nginx", "image": "nginx:1.22", "essential": true, "entryPoint": ["/docker-entrypoint.sh"],
         "command": ["nginx"], "environment": [{"name": "MODE", "value": "shop"}]},
        {"name": "worker", "image": "debian:12", "entryPoint": ["/actor"],
         "environment": [{"name": "MODE", "value": "work"}]}]})
}

/// What the Console makes of it.
pub fn embedded() -> Value {
    let mut document = original();
    let Some(containers) = document["containerDefinitions"].as_array_mut() else { return document };
    for container in containers.iter_mut() {
        let own = container["entryPoint"].as_array().cloned().unwrap_or_default();
        container["entryPoint"] = WRAPPER.map(Value::from).into_iter().chain(own).collect();
        let added = json!({"name": "DEFENDER_TYPE", "value": "appEmbedded"});
        container["environment"].as_array_mut().into_iter().for_each(|all| all.push(added.clone()));
    }
    containers.push(
        json!({"name": "TwistlockDefender", "image": "proofhouse/defender:34_04_145", "essential": true,
        "entryPoint": ["/usr/local/bin/defender", "fargate", "sidecar"]}),
    );
    document
}

/// A task that runs, with containers of which each started once.
pub fn running(containers: &[&str]) -> TaskRecord {
    let one = |essential| ContainerRecord {
        status: ContainerStatus::Running,
        essential,
        exit_code: None,
        reason: None,
        health: Health::Unknown,
        has_health_check: false,
        health_since: None,
        health_check: None,
        created_at: Some(Duration::from_millis(20)),
        first_started_at: Some(Duration::from_millis(110)),
        started_at: Some(Duration::from_millis(110)),
        stopped_at: None,
        signalled_at: None,
        restarts: 0,
    };
    let states = [TaskStatus::Provisioning, TaskStatus::Pending, TaskStatus::Activating, TaskStatus::Running];
    TaskRecord {
        status: TaskStatus::Running,
        reached: states.into_iter().zip([0, 5, 10, 160].map(Duration::from_millis)).collect(),
        stopping: false,
        stop: None,
        health: Health::Unknown,
        containers: containers.iter().map(|name| ((*name).to_owned(), one(*name != "worker"))).collect(),
    }
}

impl Scene<'_> {
    pub fn define(&mut self, role: DefinitionRole, document: Value) -> &mut Self {
        let by = if role == DefinitionRole::Embedded { Source::Console } else { Source::Runner };
        self.add(by, Observation::Definition { role, document })
    }

    /// An answer of the Console to a call of the harness.
    pub fn answer(
        &mut self,
        token: &str,
        method: &str,
        path: &str,
        sent: Option<Value>,
        status: u16,
        body: &str,
    ) -> &mut Self {
        let answer = Observation::ConsoleAnswer {
            user: "admin".into(),
            method: method.into(),
            path: path.into(),
            sent,
            status,
            body: Body::of(body.as_bytes()),
        };
        self.with(token, Source::Console, answer)
    }

    pub fn record(&mut self, record: TaskRecord) -> &mut Self {
        self.add(Source::Fargate, Observation::TaskRecord { record: Box::new(record) })
    }

    /// A protected task comes up, and its Defender says so.
    pub fn up(&mut self) -> &mut Self {
        let all = ["TwistlockDefender", "nginx", "worker"];
        let state = |state| Observation::TaskState { state, detail: String::new() };
        self.began(TaskKind::Protected, &all).add(Source::Fargate, state(TaskStatus::Provisioning));
        for name in all {
            self.happened(name, Happening::Created, None);
        }
        self.wait(110).happened("TwistlockDefender", Happening::Started, None);
        let app_id = format!("shop:{TASK}");
        let (peer, certificate) = ("10.0.42.7:38822".to_owned(), "app-embedded".to_owned());
        self.add(Source::Console, Observation::LinkConnected { app_id, peer, certificate });
        self.add(Source::Console, Observation::PolicyApplied { revision: 2 });
        self.wait(40).happened("TwistlockDefender", Happening::Healthy, None);
        for (name, stream, line, image) in [
            ("nginx", LogStream::Stderr, "start worker process 29", "nginx:1.22"),
            ("worker", LogStream::Stdout, "actor ready", "debian:12"),
        ] {
            self.happened(name, Happening::Started, None);
            self.add(Source::Container(name.into()), Observation::Log { stream, line: line.into() });
            let workload = Observation::Workload { container: name.into(), image: image.into() };
            self.add(Source::Console, workload);
        }
        self.add(Source::Fargate, state(TaskStatus::Running)).record(running(&all))
    }

    /// Policy, embedded definition and task, with the checks of these steps.
    pub fn task(&mut self, policy: Value) -> &mut Self {
        let path = "/policies/runtime/app-embedded";
        self.answer("p-1", "PUT", path, Some(policy["runtime"].clone()), 200, "");
        self.add(Source::Console, Observation::PolicyRevision { revision: 2, policy });
        self.step("Given", "the runtime policy of this feature");
        self.define(DefinitionRole::Original, original()).define(DefinitionRole::Embedded, embedded()).up();
        let checks =
            [Check::Task { expect: TaskExpectation::CameUp }, Check::PolicyInForce {}, Check::Workloads {}];
        self.checks("And", "a protected task with the containers \"nginx\" and \"worker\"", &checks)
    }
}
