//! Plans as people read them, and what the engine is asked for.

use super::*;
use crate::definition::TaskDefinition;
use crate::engine::{Network, ProcessNamespace};
use crate::labels::{Owner, RunLabels};
use std::time::Duration;

/// The shape that the Console's embed gives (`runtime-and-embed.md` 4.1).
const PROTECTED: &str = r#"{"family": "shop", "revision": 4, "networkMode": "awsvpc", "cpu": "512", "memory": "1 GB",
  "taskRoleArn": "shop-role", "pidMode": "task", "volumes": [{"name": "data"}],
  "containerDefinitions": [
    {"name": "web", "image": "nginx:1.25", "cpu": 128, "entryPoint": ["/var/lib/twistlock/fargate/defender", "fargate",
       "entrypoint", "/docker-entrypoint.sh"], "command": ["nginx"], "portMappings": [{"containerPort": 8080}],
     "dependsOn": [{"containerName": "TwistlockDefender", "condition": "HEALTHY"}],
     "linuxParameters": {"capabilities": {"add": ["SYS_PTRACE"]}, "tmpfs": [{"containerPath": "/run", "size": 8, "mountOptions": ["noexec"]}]},
     "mountPoints": [{"sourceVolume": "data", "containerPath": "/data", "readOnly": true}],
     "environment": [{"name": "AWS_REGION", "value": "eu-west-3"}, {"name": "A", "value": "from the definition"}],
     "environmentFiles": [{"type": "s3", "value": "arn:1"}, {"type": "s3", "value": "arn:2"}],
     "secrets": [{"name": "KEY", "valueFrom": "key"}],
     "volumesFrom": [{"sourceContainer": "TwistlockDefender", "readOnly": false}]},
    {"name": "worker", "image": "worker:2", "essential": false, "stopTimeout": 5, "memory": 64,
     "dependsOn": [{"containerName": "TwistlockDefender", "condition": "HEALTHY"}, {"containerName": "web", "condition": "START"}],
     "volumesFrom": [{"sourceContainer": "TwistlockDefender", "readOnly": true}]},
    {"name": "TwistlockDefender", "image": "registry.proofhouse.test/tw_reference/defender:defender_34_01_100",
     "entryPoint": ["/usr/local/bin/defender", "fargate", "sidecar"], "essential": true,
     "healthCheck": {"command": ["/usr/local/bin/defender", "fargate", "healthcheck"], "interval": 5, "timeout": 5,
       "retries": 3, "startPeriod": 1}, "portMappings": []}
  ]}"#;

fn options() -> PlanOptions {
    let owner = Owner { pid: 1, start: 2, namespace: 3, boot: "boot".to_owned() };
    let mut labels = RunLabels::new("run-1", "process-001");
    labels.owner = owner;
    let mut options = PlanOptions::new(labels, "proofhouse/world:0011");
    options.task_id = Some("0123456789abcdef0123456789abcdef".to_owned());
    options.images.insert("registry.proofhouse.test/tw_*".to_owned(), "proofhouse/defender:2233".to_owned());
    options.stand_ins.set_environment_file("arn:1", "# comment\nA=first\nB=first\n");
    options.stand_ins.set_environment_file("arn:2", "B=second\nC=second=x\n");
    options.stand_ins.set_secret("key", "value");
    options
}

fn protected() -> Plan {
    Plan::new(&TaskDefinition::parse("shop.json", PROTECTED).unwrap(), &options()).unwrap()
}

fn refused(text: &str) -> String {
    Plan::new(&TaskDefinition::parse("t", text).unwrap(), &options()).unwrap_err().to_string()
}

#[test]
fn a_protected_task_reads_well() {
    insta::assert_snapshot!(protected().to_string());
}

#[test]
fn the_whole_plan_as_json() {
    let mut plan = protected().to_json();
    without_time(&mut plan["world"]["labels"]);
    for container in plan["containers"].as_array_mut().unwrap() {
        let spec = &mut container["spec"];
        without_time(&mut spec["labels"]);
        for mount in spec["mounts"].as_array_mut().unwrap() {
            if let Some(volume) = mount["source"].get_mut("Volume") {
                volume["labels"] = "[labels]".into();
            }
        }
    }
    insta::assert_json_snapshot!(plan);
}

fn without_time(labels: &mut serde_json::Value) {
    labels.as_object_mut().unwrap().shift_remove(crate::labels::CREATED).unwrap();
}

#[test]
fn variables_win_in_the_documented_order() {
    let plan = protected();
    let environment = &plan.container("web").unwrap().spec.environment;
    let value = |name: &str| {
        let prefix = format!("{name}=");
        let mut found = environment.iter().filter_map(|pair| pair.strip_prefix(&prefix));
        let value = found.next();
        assert_eq!(found.next(), None, "{name} is there once");
        value
    };
    assert_eq!(value("A"), Some("from the definition"), "the definition wins over a file");
    assert_eq!(value("B"), Some("first"), "the first file wins");
    assert_eq!((value("C"), value("KEY")), (Some("second=x"), Some("value")));
    assert_eq!(value("AWS_REGION"), Some("eu-west-3"), "the user wins over the agent");
    assert_eq!(value("AWS_DEFAULT_REGION"), Some("us-east-1"));
    assert_eq!(value("PROOFHOUSE_ACTOR"), None, "nobody acts in it");
    let id = &plan.container("web").unwrap().metadata_id;
    assert!(
        id.strip_prefix("0123456789abcdef0123456789abcdef-").unwrap().bytes().all(|b| b.is_ascii_digit())
    );
    assert_eq!(
        value("ECS_CONTAINER_METADATA_URI_V4"),
        Some(format!("http://169.254.170.2/v4/{id}").as_str())
    );
    let credentials = plan.credentials_id.as_ref().unwrap();
    assert_eq!(
        value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
        Some(format!("/v2/credentials/{credentials}").as_str())
    );
}

#[test]
fn capabilities_beyond_the_definition_are_the_worlds_alone() {
    let plan = protected();
    assert_eq!(plan.world.capabilities_add, ["NET_ADMIN", "SYS_ADMIN"]);
    assert_eq!(plan.world.network, Network::None);
    for container in &plan.containers {
        assert_eq!(container.spec.network, Network::Of(plan.world.name.clone()));
        assert_eq!(container.spec.processes, ProcessNamespace::Of(plan.world.name.clone()));
        let expected: &[&str] = if container.name == "web" { &["SYS_PTRACE"] } else { &[] };
        assert_eq!(container.spec.capabilities_add, expected);
    }
}

#[test]
fn health_checks_have_their_prefix_taken_and_their_pace_scaled() {
    let text = |command: &str| {
        format!(
            r#"{{"family": "f", "containerDefinitions": [{{"name": "a", "image": "i",
                 "healthCheck": {{"command": {command}, "interval": 10, "startPeriod": 4}}}}]}}"#
        )
    };
    let mut options = options();
    options.health_time_scale = 0.1;
    for (command, argv, notes) in [
        (r#"["CMD", "/ok", "x"]"#, vec!["/ok", "x"], 1),
        (r#"["CMD-SHELL", "curl -f x || exit 1"]"#, vec!["/bin/sh", "-c", "curl -f x || exit 1"], 1),
        (r#"["/ok"]"#, vec!["/ok"], 2),
    ] {
        let plan = Plan::new(&TaskDefinition::parse("t", &text(command)).unwrap(), &options).unwrap();
        let probe = plan.containers[0].health.as_ref().unwrap();
        assert_eq!(
            (probe.argv.iter().map(String::as_str).collect::<Vec<_>>(), plan.notes.len()),
            (argv, notes)
        );
        assert_eq!(
            (probe.interval, probe.start_period),
            (Duration::from_secs(1), Duration::from_millis(400))
        );
        let pace = plan.notes.iter().find(|note| note.text.contains("every 1 s instead of every 10 s"));
        assert!(pace.is_some(), "{:?}", plan.notes);
        assert_eq!((probe.timeout, probe.retries), (Duration::from_secs(5), 3));
    }
}

#[test]
fn a_container_without_a_stop_timeout_has_30_seconds() {
    let plan = protected();
    for (name, seconds) in [("web", 30), ("worker", 5)] {
        assert_eq!(plan.container(name).unwrap().stop_timeout, Duration::from_secs(seconds));
        assert_eq!(plan.graph().node(name).unwrap().stop_timeout, Duration::from_secs(seconds));
    }
}

#[test]
fn a_container_that_names_no_cpu_beside_one_that_does_has_two_units() {
    let shares = |containers: &str| -> Vec<Option<u64>> {
        let text = format!(r#"{{"family": "f", "cpu": "256", "containerDefinitions": [{containers}]}}"#);
        let plan = Plan::new(&TaskDefinition::parse("t", &text).unwrap(), &options()).unwrap();
        plan.containers.iter().map(|container| container.spec.cpu_shares).collect()
    };
    let (none, one) = (r#"{"name": "a", "image": "i"}"#, r#"{"name": "c", "image": "i", "cpu": 1}"#);
    assert_eq!(shares(none), [None], "nobody to share with");
    assert_eq!(
        shares(&format!(r#"{none}, {{"name": "b", "image": "i", "cpu": 128}}"#)),
        [Some(8), Some(512)]
    );
    assert_eq!(shares(one), [Some(8)], "below two is two");
}

#[test]
fn a_scaled_restart_period_is_noted() {
    let text = r#"{"family": "f", "containerDefinitions": [{"name": "a", "image": "i",
         "restartPolicy": {"enabled": true, "ignoredExitCodes": [3], "restartAttemptPeriod": 60}}]}"#;
    let planned = |scale| {
        let mut options = options();
        options.restart_time_scale = scale;
        let plan = Plan::new(&TaskDefinition::parse("t", text).unwrap(), &options).unwrap();
        let restart = plan.graph().node("a").unwrap().restart.clone().unwrap();
        assert_eq!(restart.ignored_exit_codes, [3]);
        (restart.period, plan.notes.into_iter().map(|note| note.text).collect::<Vec<_>>())
    };
    assert_eq!(planned(1.0), (Duration::from_secs(60), vec![]));
    let note = "its restartAttemptPeriod of 60 s is taken for 1.5 s".to_owned();
    assert_eq!(planned(0.025), (Duration::from_millis(1500), vec![note]));
}

#[test]
fn says_why_there_is_no_plan() {
    let task = |containers: &str| format!(r#"{{"family": "f", "containerDefinitions": [{containers}]}}"#);
    for (containers, expected) in [
        (
            r#"{"name": "a", "image": "i", "dependsOn": [{"containerName": "x", "condition": "START"}]}"#,
            "depends on `x`",
        ),
        (r#"{"name": "a", "image": "i", "volumesFrom": [{"sourceContainer": "a"}]}"#, "a -> a"),
        (r#"{"name": "a", "image": "i"}, {"name": "a", "image": "i"}"#, "two containers are called `a`"),
        (
            r#"{"name": "a", "image": "i", "mountPoints": [{"sourceVolume": "v", "containerPath": "/v"}]}"#,
            "mounts volume `v`",
        ),
    ] {
        let error = refused(&task(containers));
        assert!(error.contains(expected), "{error}");
    }
    let mut options = options();
    options.task_id = Some("short".to_owned());
    let definition = TaskDefinition::parse("t", &task(r#"{"name": "a", "image": "i"}"#)).unwrap();
    assert!(Plan::new(&definition, &options).unwrap_err().to_string().contains("32 hexadecimal digits"));
}

#[test]
fn what_nothing_stands_in_for_is_told_by_the_plan() {
    let text = r#"{"family": "f", "containerDefinitions": [{"name": "a", "image": "i",
      "secrets": [{"name": "S", "valueFrom": "none"}], "environmentFiles": [{"value": "arn:9"}]}]}"#;
    let plan = Plan::new(&TaskDefinition::parse("t", text).unwrap(), &options()).unwrap();
    let expected = [
        "container `a` needs the environment file `arn:9`, for which nothing stands in",
        "container `a` needs a secret for `S`: nothing stands in for `none`",
    ];
    assert_eq!(plan.missing, expected);
    assert!(plan.to_string().contains("Fails to start: container `a` needs a secret"), "{plan}");
}
