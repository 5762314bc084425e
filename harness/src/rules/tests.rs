//! One definition per class that only that class rejects, and the size table pair by pair.

use super::predicates;
use super::table::Check;
use super::*;
use crate::definition::TaskDefinition;
use regex::Regex;
use std::collections::BTreeSet;

fn on(date: &str) -> Date {
    Date::parse(date).unwrap()
}

pub(super) fn now() -> Date {
    on("2026-11-23")
}

/// A definition that Fargate takes, with members of the task and of the container `app` added or replaced.
pub(super) fn definition(task: &str, app: &str, others: &str) -> TaskDefinition {
    let merge = |base: &str, more: &str| {
        let mut all: serde_json::Map<String, serde_json::Value> = serde_json::from_str(base).unwrap();
        let more: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&format!("{{{more}}}")).unwrap();
        all.extend(more);
        all
    };
    let app = merge(r#"{"name": "app", "image": "nginx:1.25"}"#, app);
    let mut containers = vec![serde_json::Value::Object(app)];
    containers.extend(serde_json::from_str::<Vec<serde_json::Value>>(&format!("[{others}]")).unwrap());
    let mut all = merge(r#"{"family": "web", "networkMode": "awsvpc", "cpu": "256", "memory": "512"}"#, task);
    all.retain(|_, value| value != "ABSENT");
    all.insert("containerDefinitions".to_owned(), containers.into());
    let text = serde_json::to_string_pretty(&all).unwrap();
    TaskDefinition::parse_all("web.json", &text).unwrap().remove(0)
}

const SIDE: &str = r#"{"name": "side", "image": "side:1", "essential": false}"#;

/// Class, members of the task, members of the container, other containers.
const REJECTED: &[(&str, &str, &str, &str)] = &[
    ("E01", r#""networkMode": "bridge""#, "", ""),
    ("E01", r#""networkMode": "ABSENT""#, "", ""),
    ("E01", r#""networkMode": null"#, "", ""),
    ("E02", r#""cpu": "ABSENT""#, "", ""),
    ("E02", r#""memory": null"#, "", ""),
    ("E03", r#""cpu": "lots""#, "", ""),
    ("E03", r#""cpu": "300""#, "", ""),
    ("E04", r#""memory": "513""#, "", ""),
    ("E04", r#""cpu": "1 vCPU", "memory": "1 GB""#, "", ""),
    ("E05", r#""ephemeralStorage": {"sizeInGiB": 20}"#, "", ""),
    ("E05", r#""ephemeralStorage": {"sizeInGiB": 201}"#, "", ""),
    ("E06", r#""ipcMode": "host""#, "", ""),
    ("E06", r#""placementConstraints": [{"type": "memberOf", "expression": "a == b"}]"#, "", ""),
    ("E06", r#""volumes": [{"name": "v", "dockerVolumeConfiguration": {"scope": "task"}}]"#, "", ""),
    ("E06", r#""volumes": [{"name": "v", "host": {"sourcePath": "/data"}}]"#, "", ""),
    ("E06", "", r#""linuxParameters": {"devices": [{"hostPath": "/dev/x"}]}"#, ""),
    ("E06", "", r#""linuxParameters": {"sharedMemorySize": 64}"#, ""),
    ("E06", "", r#""linuxParameters": {"maxSwap": 0}"#, ""),
    ("E06", "", r#""linuxParameters": {"swappiness": 1}"#, ""),
    ("E06", "", r#""dockerSecurityOptions": ["no-new-privileges"]"#, ""),
    ("E07", "", r#""privileged": true"#, ""),
    (
        "E08",
        "",
        r#""logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-region": "r", "awslogs-stream-prefix": "p"}}"#,
        "",
    ),
    ("E09", "", r#""image": "000000000000.dkr.ecr.us-east-1.amazonaws.com/web:1""#, ""),
    ("E10", "", r#""secrets": [{"name": "A", "valueFrom": "a"}]"#, ""),
    ("E11", r#""pidMode": "host""#, "", ""),
    ("E12", "", r#""linuxParameters": {"capabilities": {"add": ["SYS_PTRACE", "NET_ADMIN"]}}"#, ""),
    ("E13", "", r#""logConfiguration": {"logDriver": "json-file"}"#, ""),
    (
        "E14",
        r#""executionRoleArn": "r""#,
        r#""logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-region": "r", "awslogs-stream-prefix": "p"}}"#,
        "",
    ),
    (
        "E14",
        r#""executionRoleArn": "r""#,
        r#""logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-region": "r", "awslogs-group": "g"}}"#,
        "",
    ),
    ("E15", "", r#""links": ["side"]"#, ""),
    ("E15", "", r#""dnsServers": ["10.0.0.2"]"#, ""),
    ("E15", "", r#""dnsSearchDomains": ["a.test"]"#, ""),
    ("E15", "", r#""extraHosts": [{"hostname": "a", "ipAddress": "10.0.0.1"}]"#, ""),
    ("E15", "", r#""hostname": "web""#, ""),
    ("E15", "", r#""disableNetworking": true"#, ""),
    ("E16", "", r#""portMappings": [{"containerPort": 80, "hostPort": 8080}]"#, ""),
    ("E17", "", r#""resourceRequirements": [{"type": "GPU", "value": "1"}]"#, ""),
    ("E18", "", r#""name": """#, ""),
    ("E18", "", r#""image": null"#, ""),
    ("E18", "", "", r#"{"name": "app", "image": "b"}"#),
    ("E18", "", r#""essential": false"#, ""),
    ("E19", "", r#""dependsOn": [{"containerName": "nobody", "condition": "START"}]"#, ""),
    (
        "E19",
        "",
        r#""dependsOn": [{"containerName": "main", "condition": "COMPLETE"}]"#,
        r#"{"name": "main", "image": "m"}"#,
    ),
    (
        "E19",
        "",
        r#""dependsOn": [{"containerName": "main", "condition": "SUCCESS"}]"#,
        r#"{"name": "main", "image": "m"}"#,
    ),
    ("E19", "", r#""dependsOn": [{"containerName": "side", "condition": "HEALTHY"}]"#, SIDE),
    ("E20", "", r#""dependsOn": [{"containerName": "app", "condition": "START"}]"#, ""),
    (
        "E20",
        "",
        r#""dependsOn": [{"containerName": "b", "condition": "START"}]"#,
        r#"{"name": "b", "image": "b", "volumesFrom": [{"sourceContainer": "app"}]}"#,
    ),
    ("E20", "", r#""volumesFrom": [{"sourceContainer": "nobody"}]"#, ""),
    ("E21", "", r#""mountPoints": [{"sourceVolume": "nothing", "containerPath": "/a"}]"#, ""),
    ("E22", "", r#""restartPolicy": {"enabled": true, "restartAttemptPeriod": 59}"#, ""),
    (
        "E23",
        "",
        r#""firelensConfiguration": {"type": "fluentbit", "options": {"config-file-type": "s3"}}"#,
        "",
    ),
    ("E23", "", r#""logConfiguration": {"logDriver": "awsfirelens"}"#, ""),
    ("E24", r#""executionRoleArn": "r""#, r#""environmentFiles": [{"value": "file.env", "type": "s3"}]"#, ""),
    ("E25", "", r#""cpu": 200"#, r#"{"name": "b", "image": "b", "cpu": 57}"#),
    ("E25", "", r#""memory": 513"#, ""),
    ("E26", r#""inferenceAccelerators": [{"deviceName": "d", "deviceType": "t"}]"#, "", ""),
    (
        "E27",
        r#""volumes": [{"name": "e", "efsVolumeConfiguration": {"fileSystemId": "f", "authorizationConfig": {"iam": "ENABLED"}}}]"#,
        "",
        "",
    ),
    (
        "E27",
        r#""volumes": [{"name": "e", "efsVolumeConfiguration": {"fileSystemId": "f", "rootDirectory": "/a", "authorizationConfig": {"accessPointId": "p"}}}]"#,
        "",
        "",
    ),
    (
        "E27",
        r#""volumes": [{"name": "e", "efsVolumeConfiguration": {"fileSystemId": "f", "transitEncryptionPort": 2999}}]"#,
        "",
        "",
    ),
    ("E28", r#""networkmode": "awsvpc""#, "", ""),
    (
        "E29",
        r#""executionRoleArn": "r""#,
        r#""environment": [{"name": "A", "value": "1"}], "secrets": [{"name": "A", "valueFrom": "a"}]"#,
        "",
    ),
    (
        "E29",
        r#""executionRoleArn": "r""#,
        r#""secrets": [{"name": "A", "valueFrom": "a"}, {"name": "A", "valueFrom": "b"}]"#,
        "",
    ),
    ("E32", "", r#""portMappings": [{"containerPort": 3000}, {"hostPort": 7000}]"#, ""),
    ("E32", "", r#""portMappings": [{"protocol": "tcp"}]"#, ""),
    (
        "E33",
        r#""executionRoleArn": "r""#,
        r#""logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-stream-prefix": "p"}}"#,
        "",
    ),
    (
        "E33",
        r#""executionRoleArn": "r""#,
        r#""logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-stream-prefix": "p"}}"#,
        "",
    ),
    (
        "E34",
        r#""executionRoleArn": "r""#,
        r#""logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-region": "r", "awslogs-stream-prefix": "p", "log_key": "log"}}"#,
        "",
    ),
    ("timeout", "", r#""stopTimeout": 121"#, ""),
    ("timeout", "", r#""startTimeout": 1"#, ""),
    ("E28", "", r#""entrypoint": ["a"]"#, ""),
    ("E28", "", r#""portMappings": [{"containerport": 80}]"#, ""),
    ("E28", r#""cpu": 256"#, "", ""),
    ("E28", "", r#""memory": "128""#, ""),
    ("E28", "", r#""essential": "true""#, ""),
    ("E28", "", r#""command": "nginx""#, ""),
    ("E28", "", r#""healthCheck": {"interval": 5}"#, ""),
    ("E28", "", r#""dockerLabels": {"a": 1}"#, ""),
    ("E28", r#""family": "ABSENT""#, "", ""),
    ("value", r#""family": "web shop""#, "", ""),
    ("value", "", r#""name": "a.b""#, ""),
    ("value", "", r#""image": "web@sha256:12""#, ""),
    ("value", "", r#""portMappings": [{"containerPort": 65536}]"#, ""),
    ("value", "", r#""portMappings": [{"containerPort": 80, "appProtocol": "tcp"}]"#, ""),
    ("value", "", r#""portMappings": [{"containerPort": 80, "name": "Web"}]"#, ""),
    ("value", "", r#""portMappings": [{"containerPort": 53}, {"containerPort": 53, "protocol": "udp"}]"#, ""),
    ("value", "", r#""portMappings": [{"containerPortRange": "8010-8000"}]"#, ""),
    (
        "value",
        "",
        r#""portMappings": [{"containerPortRange": "8000-8010"}, {"containerPortRange": "8010-8020"}]"#,
        "",
    ),
    ("value", "", r#""portMappings": [{"containerPortRange": "8000-8010", "hostPort": 80}]"#, ""),
    (
        "value",
        "",
        r#""portMappings": [{"containerPort": 80, "name": "a"}, {"containerPort": 81, "name": "a"}]"#,
        "",
    ),
    ("value", "", r#""image": "web shop:1""#, ""),
    ("value", "", r#""image": "shop%2Fweb:1""#, ""),
    (
        "value",
        r#""executionRoleArn": "r""#,
        r#""logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-region": "r", "awslogs-stream-prefix": "p", "awslogs-create-group": "false"}}"#,
        "",
    ),
    ("value", "", r#""healthCheck": {"command": ["CMD", "a"], "interval": 4}"#, ""),
    ("value", "", r#""healthCheck": {"command": ["CMD", "a"], "timeout": 61}"#, ""),
    ("value", "", r#""healthCheck": {"command": ["CMD", "a"], "retries": 0}"#, ""),
    ("value", "", r#""healthCheck": {"command": ["CMD", "a"], "startPeriod": 301}"#, ""),
    ("value", "", r#""ulimits": [{"name": "files", "softLimit": 1, "hardLimit": 1}]"#, ""),
    ("value", "", r#""ulimits": [{"name": "nofile", "softLimit": 1, "hardLimit": 1048577}]"#, ""),
    ("value", "", r#""memory": 128, "memoryReservation": 256"#, ""),
    ("value", "", r#""versionConsistency": "on""#, ""),
    ("value", "", r#""dependsOn": [{"containerName": "side", "condition": "healthy"}]"#, SIDE),
    ("value", r#""runtimePlatform": {"cpuArchitecture": "arm64"}"#, "", ""),
    ("value", r#""requiresCompatibilities": ["fargate", "FARGATE"]"#, "", ""),
    ("value", r#""tags": [{"key": "AWS:x", "value": "y"}]"#, "", ""),
    (
        "value",
        r#""volumes": [{"name": "a", "configuredAtLaunch": true}, {"name": "b", "configuredAtLaunch": true}]"#,
        "",
        "",
    ),
    (
        "value",
        r#""executionRoleArn": "r""#,
        r#""environmentFiles": [{"value": "arn:aws:s3:::b/a.txt", "type": "s3"}]"#,
        "",
    ),
    ("unsupported", r#""trustedExecutionConfiguration": {"isolationMode": "SHARED"}"#, "", ""),
    ("unsupported", "", r#""resourceRequirements": [{"type": "InferenceAccelerator", "value": "d"}]"#, ""),
    ("placeholder", "", r#""image": "${IMAGE}""#, ""),
    ("placeholder", r#""cpu": "<CPU>""#, "", ""),
    ("placeholder", "", r#""image": "%ECR_BASE_URL%/shop:latest""#, ""),
    ("placeholder", r#""family": "shop-__STAGE__""#, "", ""),
];

#[test]
fn each_class_is_found_alone_at_its_place_and_in_words_that_its_pattern_matches() {
    for (class, task, app, others) in REJECTED.iter().copied() {
        let definition = definition(task, app, others);
        let findings = check(&definition, now());
        let classes: Vec<&str> = findings.iter().map(|finding| finding.class.0.as_str()).collect();
        assert_eq!(classes, [class], "{task} {app} {others}: {findings:#?}");
        let finding = &findings[0];
        assert!(Regex::new(&finding.pattern).unwrap().is_match(&finding.message), "{finding}");
        assert!(
            (class == "placeholder" || !finding.message.contains('{'))
                && !finding.help.contains(['{', '<'])
                && !finding.help.is_empty(),
            "{finding}"
        );
        let span = finding.span.unwrap();
        assert!(span.end <= definition.text().len() && !span.is_empty());
    }
}

#[test]
fn every_class_of_the_reference_has_a_rejected_definition() {
    let tested: BTreeSet<&str> = REJECTED.iter().map(|(class, ..)| *class).collect();
    let rejecting = Table::fargate().rules.iter().filter(|rule| rule.level == Level::Rejection);
    let in_table: BTreeSet<&str> = rejecting.map(|rule| rule.class.0.as_str()).collect();
    // How long a definition may be is tested beside the names that lists share.
    let apart = BTreeSet::from(["E30"]);
    assert_eq!(&tested | &apart, in_table);
    // Another class is about requests, and a remark is no rejection.
    for number in (1..=34).filter(|number| *number != 31) {
        assert!(in_table.contains(format!("E{number:02}").as_str()), "E{number:02}");
    }
}

#[test]
fn every_question_of_the_table_is_known() {
    for rule in &Table::fargate().rules {
        if let Check::Limits(limits) = &rule.check
            && let Some(name) = &limits.predicate
        {
            assert!(predicates::is_known(name), "{name}");
        }
    }
}

#[test]
fn takes_what_fargate_takes() {
    let accepted = [
        ("", "", ""),
        (
            r#""pidMode": "task", "ephemeralStorage": {"sizeInGiB": 21}, "placementConstraints": [], "inferenceAccelerators": []"#,
            "",
            "",
        ),
        (r#""cpu": ".25 vcpu", "memory": ".5 gb""#, "", ""),
        (r#""revision": 3, "status": "ACTIVE", "compatibilities": ["FARGATE"], "ipcMode": null"#, "", ""),
        ("", r#""privileged": false, "links": [], "dnsServers": null, "hostname": "", "cpu": 0"#, ""),
        ("", r#""portMappings": [{"containerPort": 80, "hostPort": 80}, {"containerPort": 81}]"#, ""),
        (
            "",
            r#""linuxParameters": {"capabilities": {"add": ["SYS_PTRACE"], "drop": ["ALL"]}, "tmpfs": [{"containerPath": "/t", "size": 1}]}"#,
            "",
        ),
        ("", r#""dependsOn": [{"containerName": "side", "condition": "SUCCESS"}]"#, SIDE),
        (
            r#""volumes": [{"name": "v", "host": {}}]"#,
            r#""mountPoints": [{"sourceVolume": "v", "containerPath": "/v"}]"#,
            "",
        ),
    ];
    for (task, app, others) in accepted {
        let definition = definition(task, app, others);
        assert_eq!(check(&definition, now()), [], "{task} {app}");
    }
}

#[test]
fn the_table_is_dated() {
    let tmpfs = definition("", r#""linuxParameters": {"tmpfs": [{"containerPath": "/t", "size": 1}]}"#, "");
    assert_eq!(check(&tmpfs, on("2026-01-05"))[0].class.0, "E06");
    assert_eq!(check(&tmpfs, on("2026-01-06")), []);
    let pid = definition(r#""pidMode": "task""#, "", "");
    assert_eq!(check(&pid, on("2023-06-01"))[0].class.0, "E11");
    assert_eq!(check(&pid, on("2024-01-01")), []);
    assert!(Table::parse(r#"{"data_date": "soon"}"#).is_err());
    assert!(Date::parse("soon").is_err());
}

/// The 74 pairs that were probed (X2), counted and not copied from the table.
#[test]
fn there_are_74_pairs_without_the_largest_size() {
    let table = Table::fargate();
    let pairs = |cpu: u64| (1..=262_144 / 512).filter(|half| table.has_pair(now(), cpu, half * 512)).count();
    let counts = [256, 512, 1024, 2048, 4096, 8192, 16384].map(pairs);
    assert_eq!(counts, [3, 4, 7, 13, 23, 12, 12]);
    assert_eq!(counts.iter().sum::<usize>(), 74);
    assert_eq!(pairs(32768), 3);
    assert_eq!(table.memory_for(now(), 512), "1024 to 4096 in steps of 1024");
}

#[test]
fn findings_read_well() {
    let definition = definition(
        r#""networkMode": "host", "cpu": "1 vCPU", "memory": "1 GB""#,
        r#""privileged": true, "entrypoint": ["/a"], "dependsOn": [{"containerName": "side", "condition": "HEALTHY"}]"#,
        SIDE,
    );
    let text = definition.text();
    let lines: Vec<String> = check(&definition, now())
        .iter()
        .map(|finding| {
            let (line, column) = finding.span.unwrap().line_and_column(text);
            format!("{line}:{column} {finding}")
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}
