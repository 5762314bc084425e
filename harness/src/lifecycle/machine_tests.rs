//! The rows of `fargate.md` section 7 that the machine alone decides.

use super::*;
use crate::definition::{Condition, Dependency};
use std::time::Duration;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn on(container: &str, condition: Condition) -> Dependency {
    Dependency { container: container.to_owned(), condition }
}

/// A machine driven by hand, with the commands that came since the last look.
struct Hand {
    machine: Machine,
    now: Duration,
    commands: Vec<Command>,
}

impl Hand {
    fn new(nodes: &[(&str, Node)]) -> Self {
        let graph = Graph::new(nodes.iter().map(|(name, node)| ((*name).to_owned(), node.clone())).collect())
            .unwrap();
        let mut hand = Self { machine: Machine::new(graph), now: Duration::ZERO, commands: Vec::new() };
        hand.tell(Event::WorldReady);
        hand
    }

    fn tell(&mut self, event: Event) {
        self.commands.extend(self.machine.handle(self.now, event));
    }

    fn created(&mut self, names: &[&str]) {
        for name in names {
            self.tell(Event::Created { container: (*name).to_owned() });
        }
    }

    fn started(&mut self, names: &[&str]) {
        for name in names {
            self.tell(Event::Started { container: (*name).to_owned() });
        }
    }

    fn exited(&mut self, name: &str, code: i64) {
        self.tell(Event::Exited { container: name.to_owned(), code, out_of_memory: false });
    }

    fn health(&mut self, name: &str, health: Health) {
        self.tell(Event::HealthChanged {
            container: name.to_owned(),
            health,
            check: CheckRun { exit_code: Some(0), output: String::new() },
        });
    }

    fn at(&mut self, now: Duration) {
        self.now = now;
        self.tell(Event::Tick);
    }

    /// Starts and signals since the last look, as words.
    fn seen(&mut self) -> Vec<String> {
        std::mem::take(&mut self.commands)
            .into_iter()
            .filter_map(|command| match command {
                Command::Create(name) => Some(format!("create {name}")),
                Command::Start(name) => Some(format!("start {name}")),
                Command::Signal(name, signal) => Some(format!("{signal} {name}")),
                Command::Deprovision => Some("deprovision".to_owned()),
                Command::Reached(_) => None,
            })
            .collect()
    }

    fn container(&self, name: &str) -> &ContainerRecord {
        &self.machine.record().containers[name]
    }

    fn stop_code(&self) -> Option<StopCode> {
        self.machine.record().stop.as_ref().map(|stop| stop.code)
    }
}

fn protected() -> Vec<(&'static str, Node)> {
    let app = Node {
        depends_on: vec![on("defender", Condition::Healthy)],
        created_after: vec!["defender".to_owned()],
        stop_timeout: s(2),
        ..Node::default()
    };
    vec![
        ("web", app.clone()),
        ("worker", app),
        ("defender", Node { has_health_check: true, ..Node::default() }),
    ]
}

#[test]
fn a_protected_task_lives_and_ends_in_order() {
    let mut hand = Hand::new(&protected());
    assert_eq!(hand.seen(), ["create defender"]);
    hand.created(&["defender"]);
    assert_eq!(hand.seen(), ["start defender", "create web", "create worker"]);
    hand.created(&["worker", "web"]);
    hand.started(&["defender"]);
    assert_eq!(hand.seen(), [""; 0], "apps wait for health");
    hand.health("defender", Health::Healthy);
    assert_eq!(hand.seen(), ["start web", "start worker"]);
    hand.started(&["web", "worker"]);
    assert_eq!(hand.machine.record().status, TaskStatus::Running);
    hand.health("defender", Health::Unhealthy);
    assert_eq!(hand.seen(), [""; 0], "health is looked at on start only, and a standalone task goes on");
    assert_eq!(hand.machine.record().health, Health::Unhealthy);

    hand.tell(Event::StopRequested { stop: StopReason::user(None) });
    assert_eq!(hand.seen(), ["SIGTERM worker", "SIGTERM web"]);
    hand.exited("web", 143);
    assert_eq!(hand.seen(), [""; 0], "the worker still mounts from the Defender");
    hand.at(s(2));
    assert_eq!(hand.seen(), ["SIGKILL worker"]);
    hand.exited("worker", 137);
    assert_eq!(hand.seen(), ["SIGTERM defender"]);
    hand.exited("defender", 0);
    assert_eq!(hand.seen(), ["deprovision"]);
    hand.tell(Event::Deprovisioned);
    let record = hand.machine.record();
    assert_eq!(record.exit_codes().into_values().collect::<Vec<_>>(), [Some(0), Some(143), Some(137)]);
    assert_eq!(record.stop, Some(StopReason::user(None)));
    assert_eq!(record.stop.as_ref().unwrap().reason, "Task stopped by user");
    let statuses: Vec<_> = record.reached.keys().map(ToString::to_string).collect();
    assert_eq!(
        statuses.join(" "),
        "PROVISIONING PENDING ACTIVATING RUNNING DEACTIVATING STOPPING DEPROVISIONING STOPPED"
    );
}

#[test]
fn start_is_satisfied_by_a_running_or_a_finished_dependency() {
    let nodes = [
        ("app", Node { depends_on: vec![on("init", Condition::Start)], ..Node::default() }),
        ("init", Node { essential: false, ..Node::default() }),
    ];
    for finished in [false, true] {
        let mut hand = Hand::new(&nodes);
        hand.created(&["init"]);
        hand.started(&["init"]);
        if finished {
            hand.exited("init", 3);
        }
        hand.seen();
        hand.created(&["app"]);
        assert_eq!(hand.seen(), ["start app"]);
    }
}

#[test]
fn success_fails_at_once_with_a_synthetic_143() {
    let nodes = [
        ("app", Node { depends_on: vec![on("init", Condition::Success)], ..Node::default() }),
        ("init", Node { essential: false, ..Node::default() }),
    ];
    let mut hand = Hand::new(&nodes);
    hand.created(&["app", "init"]);
    hand.started(&["init"]);
    hand.exited("init", 1);
    assert_eq!(hand.seen(), ["create init", "create app", "start init", "deprovision"]);
    assert_eq!(hand.container("app").exit_code, Some(143));
    assert!(hand.container("app").reason.as_ref().unwrap().starts_with("CannotStartContainerError"));
    assert_eq!(
        (hand.container("app").started_at, hand.stop_code()),
        (None, Some(StopCode::TaskFailedToStart))
    );
}

#[test]
fn complete_takes_any_code() {
    let nodes = [
        ("app", Node { depends_on: vec![on("init", Condition::Complete)], ..Node::default() }),
        ("init", Node { essential: false, ..Node::default() }),
    ];
    let mut hand = Hand::new(&nodes);
    hand.created(&["app", "init"]);
    hand.started(&["init"]);
    hand.seen();
    hand.exited("init", 9);
    assert_eq!(hand.seen(), ["start app"]);
}

#[test]
fn start_timeout_counts_from_the_start_of_the_dependency() {
    let nodes = [
        ("app", Node { depends_on: vec![on("side", Condition::Healthy)], ..Node::default() }),
        ("side", Node { start_timeout: Some(s(10)), has_health_check: true, ..Node::default() }),
    ];
    let mut hand = Hand::new(&nodes);
    hand.created(&["app", "side"]);
    hand.now = s(5);
    hand.started(&["side"]);
    assert_eq!(hand.machine.next_deadline(), Some(s(15)));
    hand.seen();
    hand.at(s(14));
    assert_eq!(hand.seen(), [""; 0]);
    hand.at(s(15));
    assert_eq!(hand.seen(), ["SIGTERM side"]);
    assert!(hand.container("app").reason.as_ref().unwrap().contains("startTimeout of `side` exceeded"));
}

#[test]
fn a_dependency_that_dies_before_it_is_healthy_fails_its_dependents() {
    let mut nodes = protected();
    nodes[2].1.essential = false;
    let mut hand = Hand::new(&nodes);
    hand.created(&["defender", "web", "worker"]);
    hand.started(&["defender"]);
    hand.exited("defender", 1);
    assert_eq!(hand.container("web").exit_code, Some(143));
    assert_eq!(hand.machine.record().status, TaskStatus::Deprovisioning);
}

#[test]
fn any_essential_exit_stops_the_task_and_another_exit_does_not() {
    let nodes =
        [("a", Node::default()), ("b", Node::default()), ("c", Node { essential: false, ..Node::default() })];
    let mut hand = Hand::new(&nodes);
    hand.created(&["a", "b", "c"]);
    hand.started(&["a", "b", "c"]);
    hand.seen();
    hand.exited("c", 1);
    assert_eq!((hand.seen().len(), hand.machine.record().status), (0, TaskStatus::Running));
    hand.exited("b", 7);
    assert_eq!(hand.seen(), ["SIGTERM a"]);
    assert_eq!(hand.stop_code(), Some(StopCode::EssentialContainerExited));
    assert_eq!(hand.machine.record().stop.as_ref().unwrap().reason, "Essential container in task exited");
}

#[test]
fn a_failed_create_stops_the_task_and_says_why() {
    let mut hand = Hand::new(&protected());
    hand.created(&["defender"]);
    hand.tell(Event::CreateFailed {
        container: "web".to_owned(),
        reason: "CannotPullContainerError: x".to_owned(),
    });
    assert_eq!(hand.stop_code(), Some(StopCode::TaskFailedToStart));
    hand.seen();
    hand.started(&["defender"]);
    assert_eq!(hand.seen(), [""; 0], "the worker's create is not answered yet");
    hand.created(&["worker"]);
    assert_eq!(hand.seen(), ["SIGTERM defender"]);
    assert_eq!(hand.container("worker").exit_code, None);
}

#[test]
fn the_stop_timeout_counts_from_when_the_container_was_told() {
    let mut hand = Hand::new(&[("a", Node { stop_timeout: s(3), ..Node::default() })]);
    hand.created(&["a"]);
    hand.started(&["a"]);
    hand.tell(Event::StopRequested { stop: StopReason::user(None) });
    hand.now = s(1);
    hand.tell(Event::Signalled { container: "a".to_owned(), signal: Signal::Term });
    assert_eq!(hand.container("a").signalled_at, Some(s(1)));
    hand.seen();
    hand.at(s(3));
    assert_eq!(hand.seen(), [""; 0]);
    hand.at(s(4));
    assert_eq!(hand.seen(), ["SIGKILL a"]);
    hand.tell(Event::Signalled { container: "a".to_owned(), signal: Signal::Kill });
    assert_eq!(hand.container("a").signalled_at, Some(s(1)));
}

#[test]
fn out_of_memory_and_a_hanging_engine_have_their_reasons() {
    let mut hand =
        Hand::new(&[("a", Node { stop_timeout: s(3), ..Node::default() }), ("b", Node::default())]);
    hand.created(&["a", "b"]);
    hand.started(&["a", "b"]);
    hand.tell(Event::Exited { container: "b".to_owned(), code: 137, out_of_memory: true });
    assert!(hand.container("b").reason.as_ref().unwrap().starts_with("OutOfMemoryError"));
    hand.at(s(3));
    hand.at(s(18));
    assert!(hand.container("a").reason.as_ref().unwrap().starts_with("CannotStopContainerError"));
    assert_eq!(hand.machine.record().status, TaskStatus::Deprovisioning);
}

/// A container with a restart policy, started at 0, and looked at.
fn restarting() -> Hand {
    let restart = Restart { ignored_exit_codes: vec![0], period: s(60) };
    let mut hand = Hand::new(&[("a", Node { restart: Some(restart), ..Node::default() })]);
    hand.created(&["a"]);
    hand.started(&["a"]);
    hand.seen();
    hand
}

#[test]
fn a_restart_policy_starts_the_same_container_again_in_its_period() {
    let mut hand = restarting();
    hand.now = s(60);
    hand.exited("a", 1);
    assert_eq!(hand.seen(), ["start a"]);
    hand.started(&["a"]);
    assert_eq!(hand.container("a").first_started_at, Some(Duration::ZERO));
    hand.now = s(119);
    hand.exited("a", 1);
    assert_eq!((hand.container("a").restarts, hand.container("a").exit_code), (1, Some(1)));
    assert_eq!(hand.stop_code(), Some(StopCode::EssentialContainerExited), "59 s after the restart");
}

#[test]
fn a_code_to_ignore_and_a_stop_are_stronger_than_the_restart_policy() {
    let mut hand = restarting();
    hand.now = s(70);
    hand.exited("a", 0);
    assert_eq!(hand.seen(), ["deprovision"]);

    let mut hand = restarting();
    hand.now = s(70);
    hand.tell(Event::StopRequested { stop: StopReason::user(None) });
    hand.exited("a", 1);
    assert_eq!(hand.seen(), ["SIGTERM a", "deprovision"]);
    assert_eq!((hand.container("a").restarts, hand.container("a").exit_code), (0, Some(1)));
}

#[test]
fn an_exit_before_the_answer_to_the_start_is_not_lost() {
    let mut hand = Hand::new(&[("a", Node::default())]);
    hand.created(&["a"]);
    hand.exited("a", 0);
    hand.started(&["a"]);
    assert_eq!(
        (hand.container("a").status, hand.container("a").exit_code),
        (ContainerStatus::Stopped, Some(0))
    );
}

#[test]
fn a_task_without_a_world_never_creates_anything() {
    let graph = Graph::new(vec![("a".to_owned(), Node::default())]).unwrap();
    let mut machine = Machine::new(graph);
    let commands =
        machine.handle(s(1), Event::WorldFailed { reason: "ResourceInitializationError: no".to_owned() });
    assert!(!commands.iter().any(|command| matches!(command, Command::Create(_))));
    assert!(commands.contains(&Command::Deprovision));
    machine.handle(s(1), Event::Deprovisioned);
    assert!(machine.is_over());
}
