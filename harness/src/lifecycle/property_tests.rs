//! For any graph and any engine: no order rule is broken, and the task always ends.
//!
//! The rules are checked on the trace by code that shares nothing with the machine.

use super::*;
use crate::definition::{Condition, Dependency};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

/// What an arbitrary engine does to a container.
#[derive(Debug, Clone)]
struct Fate {
    create_fails: bool,
    start_fails: bool,
    /// Events after the start: a health, or an exit.
    exits_after: Option<u8>,
    exit_code: i64,
    health: Vec<bool>,
    ignores_term: bool,
}

fn fate() -> impl Strategy<Value = Fate> {
    (
        prop::bool::weighted(0.05),
        prop::bool::weighted(0.05),
        prop::option::of(0u8..12),
        prop_oneof![Just(0i64), Just(1), Just(137)],
        prop::collection::vec(any::<bool>(), 0..4),
        any::<bool>(),
    )
        .prop_map(|(create_fails, start_fails, exits_after, exit_code, health, ignores_term)| Fate {
            create_fails,
            start_fails,
            exits_after,
            exit_code,
            health,
            ignores_term,
        })
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        Just(Condition::Start),
        Just(Condition::Complete),
        Just(Condition::Success),
        Just(Condition::Healthy)
    ]
}

/// Nodes that depend on earlier ones only, so that there is no cycle.
fn nodes() -> impl Strategy<Value = Vec<(String, Node)>> {
    prop::collection::vec(
        (
            prop::bool::weighted(0.7),
            prop::collection::vec((any::<prop::sample::Index>(), condition()), 0..3),
            prop::option::of(any::<prop::sample::Index>()),
            prop::option::of(2u64..20),
            0u64..20,
            prop::option::of(0u64..3),
        ),
        1..7,
    )
    .prop_map(|rows| {
        rows.into_iter()
            .enumerate()
            .map(|(index, (essential, needs, source, start, stop, restart))| {
                let earlier = |pick: prop::sample::Index| format!("c{}", pick.index(index));
                let depends_on = needs
                    .into_iter()
                    .filter(|_| index > 0)
                    .map(|(pick, condition)| Dependency { container: earlier(pick), condition })
                    .collect();
                let node = Node {
                    essential,
                    depends_on,
                    created_after: source.filter(|_| index > 0).map(earlier).into_iter().collect(),
                    start_timeout: start.map(Duration::from_secs),
                    stop_timeout: Duration::from_secs(stop),
                    has_health_check: true,
                    restart: restart.map(|period| Restart {
                        ignored_exit_codes: vec![0],
                        period: Duration::from_secs(period),
                    }),
                };
                (format!("c{index}"), node)
            })
            .collect()
    })
}

/// What was seen, in order.
#[derive(Debug, Clone, PartialEq)]
enum Seen {
    Command(Command),
    Event(Event),
}

/// Plays a task to its end with an engine made of fates; `pick` says which answer comes at a step, of how many.
fn play(
    nodes: &[(String, Node)],
    fates: &[Fate],
    pick: &dyn Fn(usize, usize) -> usize,
    stop_at: usize,
) -> (Machine, Vec<Seen>) {
    let graph = Graph::new(nodes.to_vec()).unwrap();
    let mut machine = Machine::new(graph);
    let mut trace = Vec::new();
    let mut pending: VecDeque<Event> = VecDeque::from([Event::WorldCreated, Event::WorldReady]);
    let mut starts: BTreeMap<String, u32> = BTreeMap::new();
    let mut now = Duration::ZERO;
    for step in 0..4000 {
        if machine.is_over() {
            return (machine, trace);
        }
        let event = if step == stop_at {
            Event::StopRequested { stop: StopReason::user(None) }
        } else if pending.is_empty() {
            match machine.next_deadline() {
                Some(deadline) => {
                    now = deadline;
                    Event::Tick
                }
                None => Event::StopRequested { stop: StopReason::user(None) },
            }
        } else {
            pending.remove(pick(step, pending.len())).unwrap()
        };
        now += Duration::from_millis(50);
        trace.push(Seen::Event(event.clone()));
        for command in machine.handle(now, event) {
            trace.push(Seen::Command(command.clone()));
            let fate = |name: &String| &fates[name[1..].parse::<usize>().unwrap()];
            match command {
                Command::Create(container) if fate(&container).create_fails => {
                    pending.push_back(Event::CreateFailed {
                        container,
                        reason: "CannotPullContainerError: no".to_owned(),
                    });
                }
                Command::Create(container) => pending.push_back(Event::Created { container }),
                Command::Start(container) => {
                    let count = starts.entry(container.clone()).or_default();
                    *count += 1;
                    let fate = fate(&container);
                    if fate.start_fails {
                        let reason = "CannotStartContainerError: no".to_owned();
                        pending.push_back(Event::StartFailed { container, exit_code: None, reason });
                        continue;
                    }
                    pending.push_back(Event::Started { container: container.clone() });
                    for &healthy in &fate.health {
                        let health = if healthy { Health::Healthy } else { Health::Unhealthy };
                        let check = CheckRun { exit_code: Some(i64::from(!healthy)), output: String::new() };
                        pending.push_back(Event::HealthChanged {
                            container: container.clone(),
                            health,
                            check,
                        });
                    }
                    if fate.exits_after.is_some() && *count < 4 {
                        pending.push_back(Event::Exited {
                            container,
                            code: fate.exit_code,
                            out_of_memory: false,
                        });
                    }
                }
                Command::Signal(container, signal) => {
                    if signal == Signal::Kill || !fate(&container).ignores_term {
                        pending.push_back(Event::Exited { container, code: 137, out_of_memory: false });
                    }
                }
                Command::Deprovision => pending.push_back(Event::Deprovisioned),
                Command::Reached(_) => {}
            }
        }
    }
    (machine, trace)
}

/// Replays the trace and checks each command against what had been seen before it.
fn check(nodes: &[(String, Node)], trace: &[Seen]) -> Result<(), TestCaseError> {
    let node = |name: &str| &nodes.iter().find(|(other, _)| other == name).unwrap().1;
    let mut created = BTreeSet::new();
    let mut starting = BTreeSet::new();
    let mut running = BTreeSet::new();
    let mut ever_ran = BTreeSet::new();
    let mut last_exit: BTreeMap<String, i64> = BTreeMap::new();
    let mut healthy = BTreeSet::new();
    let mut termed = BTreeSet::new();
    let (mut stopping, mut world) = (false, false);
    for seen in trace {
        match seen {
            Seen::Event(Event::WorldReady) => world = true,
            Seen::Event(Event::Created { container }) => drop(created.insert(container.clone())),
            Seen::Event(Event::Started { container }) if starting.remove(container) => {
                running.insert(container.clone());
                ever_ran.insert(container.clone());
            }
            Seen::Event(Event::StartFailed { container, .. }) => drop(starting.remove(container)),
            Seen::Event(Event::Exited { container, code, .. })
                if starting.remove(container) | running.contains(container) =>
            {
                running.remove(container);
                ever_ran.insert(container.clone());
                healthy.remove(container);
                last_exit.insert(container.clone(), *code);
            }
            Seen::Event(Event::HealthChanged { container, health, .. }) if running.contains(container) => {
                if *health == Health::Healthy {
                    healthy.insert(container.clone())
                } else {
                    healthy.remove(container)
                };
            }
            Seen::Event(_) | Seen::Command(Command::Deprovision) => {}
            Seen::Command(Command::Reached(status)) => stopping |= *status == TaskStatus::Stopping,
            Seen::Command(Command::Create(name)) => {
                prop_assert!(!stopping, "{name} created while stopping");
                for source in &node(name).created_after {
                    prop_assert!(created.contains(source), "{name} created before {source}");
                }
            }
            Seen::Command(Command::Start(name)) => {
                prop_assert!(world && !stopping, "{name} started without a world or while stopping");
                prop_assert!(!running.contains(name) && !starting.contains(name), "{name} started twice");
                let first = !ever_ran.contains(name);
                starting.insert(name.clone());
                for dependency in node(name).depends_on.iter().filter(|_| first) {
                    let other = &dependency.container;
                    let over =
                        ever_ran.contains(other) && !running.contains(other) && !starting.contains(other);
                    let held = match dependency.condition {
                        Condition::Start => ever_ran.contains(other),
                        Condition::Complete => over,
                        Condition::Success => over && last_exit[other] == 0,
                        Condition::Healthy => healthy.contains(other),
                    };
                    prop_assert!(held, "{name} started before {other} was {}", dependency.condition);
                }
            }
            Seen::Command(Command::Signal(name, signal)) => {
                prop_assert!(stopping && running.contains(name));
                prop_assert!(termed.insert((name.clone(), *signal)), "{signal} sent twice to {name}");
                if *signal == Signal::Kill {
                    prop_assert!(termed.contains(&(name.clone(), Signal::Term)));
                }
                for (dependent, _) in
                    nodes.iter().filter(|(_, other)| other.needs().any(|needed| needed == name))
                {
                    prop_assert!(
                        !running.contains(dependent) && !starting.contains(dependent),
                        "{name} told to stop while {dependent} lived"
                    );
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn no_order_rule_is_broken_and_the_task_ends(
        nodes in nodes(),
        fates in prop::collection::vec(fate(), 7),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..40),
        stop_at in 0usize..80,
    ) {
        let (machine, trace) = play(&nodes, &fates, &|step, of| order[step % order.len()].index(of), stop_at);
        prop_assert!(machine.is_over(), "still {:?}", machine.record());
        check(&nodes, &trace)?;
        let record = machine.record();
        prop_assert!(record.stop.is_some());
        let times: Vec<_> = record.reached.values().collect();
        prop_assert!(times.is_sorted(), "{:?}", record.reached);
        for container in record.containers.values() {
            prop_assert_eq!(container.status, ContainerStatus::Stopped);
            prop_assert!(container.first_started_at.is_some() || matches!(container.exit_code, None | Some(143)));
        }
    }

    #[test]
    fn a_task_with_a_long_running_essential_ends_only_when_asked(nodes in nodes()) {
        let fates = vec![
            Fate { create_fails: false, start_fails: false, exits_after: None, exit_code: 0, health: vec![true], ignores_term: false };
            nodes.len()
        ];
        let nodes: Vec<_> = nodes
            .into_iter()
            .map(|(name, mut node)| {
                node.depends_on.retain(|d| matches!(d.condition, Condition::Start | Condition::Healthy));
                node.start_timeout = None;
                (name, node)
            })
            .collect();
        // Answers in the order of the commands: health always comes behind the start.
        let (machine, _) = play(&nodes, &fates, &|_, _| 0, usize::MAX);
        let record = machine.record();
        prop_assert!(record.reached.contains_key(&TaskStatus::Running));
        prop_assert_eq!(record.stop.as_ref().map(|stop| stop.code), Some(StopCode::UserInitiated));
    }
}
