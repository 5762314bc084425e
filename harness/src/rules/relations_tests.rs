//! Relations between members, sizes and shapes: what is remarked on, and what is not.

use super::tests::{definition, now};
use super::*;
use crate::definition::TaskDefinition;

/// What is said of a definition: class and message.
fn said(task: &str, app: &str, others: &str) -> Vec<(String, String)> {
    let findings = check(&definition(task, app, others), now());
    assert!(findings.iter().all(|finding| !finding.help.is_empty()), "{findings:?}");
    findings.into_iter().map(|finding| (finding.class.0, finding.message)).collect()
}

/// The one thing that is said of a container.
fn remark(app: &str) -> String {
    let said = said(r#""executionRoleArn": "r""#, app, "");
    assert_eq!(said.len(), 1, "{app}: {said:?}");
    said[0].1.clone()
}

fn nothing(app: &str) {
    assert_eq!(said(r#""executionRoleArn": "r""#, app, ""), [], "{app}");
}

fn check_of(command: &str) -> String {
    format!(r#""healthCheck": {{"command": {command}}}"#)
}

#[test]
fn each_odd_health_check_is_remarked_on() {
    for (command, words) in [
        (r#"["CMD", "curl -f http://localhost/ || exit 1"]"#, "one word behind CMD"),
        (r#"["CMD", "curl", "-f", "x", "||", "exit", "1"]"#, "words of a shell behind CMD"),
        (r#"["CMD-SHELL", "curl", "-f", "x", "||", "exit", "1"]"#, "split behind CMD-SHELL"),
        (r#"["CMD", "CMD-SHELL", "echo ok"]"#, "two keywords"),
        (r#"["curl -f http://localhost/ || exit 1"]"#, "begins with 'curl"),
        (r#"["/bin/check", "-x"]"#, "begins with '/bin/check'"),
        (r#"["CMD-SHELL, curl -f http://localhost/ || exit 1"]"#, "inside of a text"),
        (r#"["CMD,curl"]"#, "inside of a text"),
        (r#"["CMD-SHELL"]"#, "'CMD-SHELL' alone"),
        (r#"["cmd-shell", "true"]"#, "begins with 'cmd-shell'"),
    ] {
        let message = remark(&check_of(command));
        assert!(message.contains(words), "{command}: {message}");
    }
}

#[test]
fn a_good_health_check_and_the_consoles_own_draw_no_remark() {
    for command in [
        r#"["CMD-SHELL", "curl -f http://localhost/ || exit 1"]"#,
        r#"["CMD", "curl", "-f", "http://localhost/"]"#,
        r#"["CMD", "sh", "-c", "true || false"]"#,
        r#"["NONE"]"#,
        r#"["/usr/local/bin/defender", "fargate", "healthcheck"]"#,
    ] {
        nothing(&check_of(command));
    }
}

#[test]
fn commands_that_are_no_list_of_words_are_remarked_on() {
    for (app, words) in [
        (r#""entryPoint": ["npm start"]"#, "no program is called 'npm start'"),
        (r#""entryPoint": ["sh,-c,npm start"]"#, "no program is called"),
        (r#""entryPoint": ["sh,-c"]"#, "commas inside of a word"),
        (r#""entryPoint": ["sh", "-c", "npm", "start"]"#, "split behind '-c'"),
        (r#""entryPoint": ["/bin/sh", "-c"], "command": ["npm", "start"]"#, "split behind '-c'"),
        (r#""command": ["bash", "-c", "npm", "start"]"#, "split behind '-c'"),
    ] {
        let message = remark(app);
        assert!(message.contains(words), "{app}: {message}");
    }
    for app in [
        r#""entryPoint": ["sh", "-c"], "command": ["npm start"]"#,
        r#""entryPoint": ["sh", "-c", "exec \"$@\"", "--", "npm", "start"]"#,
        r#""entryPoint": ["entry.sh"], "command": ["sh", "-c", "a", "b"]"#,
        r#""entryPoint": ["/opt/my app/run"]"#,
        r#""command": ["a, b"]"#,
        r#""entryPoint": [], "command": []"#,
    ] {
        nothing(app);
    }
}

#[test]
fn what_a_list_has_twice_is_remarked_on() {
    for (app, words) in [
        (r#""environment": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]"#, "twice"),
        (
            r#""portMappings": [{"containerPort": 80}, {"containerPort": 80}]"#,
            "TCP host port '80' is mapped multiple times in task",
        ),
        (
            r#""portMappings": [{"containerPortRange": "8000-8010"}, {"containerPort": 8005}]"#,
            "TCP host port '8005' is mapped multiple times in task",
        ),
    ] {
        let message = remark(app);
        assert!(message.contains(words), "{app}: {message}");
    }
    nothing(
        r#""portMappings": [{"containerPort": 80}, {"containerPort": 81}, {"containerPortRange": "8000-8010"}]"#,
    );
    let volumes = r#""volumes": [{"name": "v"}, {"name": "w"}, {"name": "v"}]"#;
    assert!(said(volumes, "", "")[0].1.contains("declared twice"));
    let mounts = r#""mountPoints": [{"sourceVolume": "v", "containerPath": "/d"}, {"sourceVolume": "w", "containerPath": "/d/"}]"#;
    let two = said(r#""volumes": [{"name": "v"}, {"name": "w"}]"#, mounts, "");
    assert!(two.len() == 1 && two[0].1.contains("two volumes at '/d'"), "{two:?}");
    let other =
        r#"{"name": "other", "image": "o", "portMappings": [{"containerPort": 80, "protocol": "tcp"}]}"#;
    let shared = said("", r#""portMappings": [{"containerPort": 80}]"#, other);
    assert_eq!((shared.len(), shared[0].0.as_str()), (1, "E35"), "{shared:?}");
    let router = r#"{"name": "b", "image": "b", "firelensConfiguration": {"type": "fluentd"}}"#;
    let routers = said("", r#""firelensConfiguration": {"type": "fluentbit"}"#, router);
    assert!(routers.len() == 1 && routers[0].1.contains("second log router beside 'app'"), "{routers:?}");
}

fn log(driver: &str, options: &str) -> String {
    format!(r#""logConfiguration": {{"logDriver": "{driver}", {options}}}"#)
}

#[test]
fn options_of_drivers_are_known() {
    let base = r#""awslogs-group": "g", "awslogs-region": "r", "awslogs-stream-prefix": "p""#;
    nothing(&log(
        "awslogs",
        &format!(
            r#""options": {{{base}, "mode": "non-blocking", "max-buffer-size": "4m", "awslogs-create-group": "true"}}"#
        ),
    ));
    let both = said(
        r#""executionRoleArn": "r""#,
        &log("awslogs", r#""options": {"awslogs-stream-prefix": "p"}"#),
        "",
    );
    assert_eq!(both.len(), 1);
    assert!(both[0].1.contains("requires options: awslogs-region, awslogs-group"), "{both:?}");
    let unknown =
        remark(&log("awslogs", &format!(r#""options": {{{base}, "Name": "x", "log_key": "log"}}"#)));
    assert!(unknown.contains("disallows options: Name, log_key"), "{unknown}");
    assert!(
        remark(&log("awslogs", &format!(r#""options": {{{base}, "mode": "fast"}}"#)))
            .contains("the mode 'fast'")
    );
    nothing(&log(
        "splunk",
        r#""options": {"splunk-url": "u"}, "secretOptions": [{"name": "splunk-token", "valueFrom": "t"}]"#,
    ));
    assert!(remark(&log("splunk", r#""options": {"splunk-url": "u"}"#)).contains("lacks splunk-token"));
    let odd =
        remark(&log("splunk", r#""options": {"splunk-url": "u", "splunk-token": "t", "splunk-x": "1"}"#));
    assert!(odd.contains("does not know: splunk-x"), "{odd}");
}

/// The length is that of compact JSON, whatever the spaces and whatever describing has added.
#[test]
fn a_definition_is_as_long_as_registration_takes_and_one_byte_longer() {
    let of = |letters: usize| {
        serde_json::json!({"family": "f", "networkMode": "awsvpc", "cpu": "256", "memory": "512", "containerDefinitions": [
            {"name": "app", "image": "i", "environment": [{"name": "A", "value": "x".repeat(letters)}]}]})
    };
    let rest = of(0).to_string().len();
    for (length, rejected) in [(65_536, false), (65_537, true)] {
        let mut value = of(length - rest);
        for described in [false, true] {
            if described {
                value["registeredBy"] = "somebody".into();
                value = serde_json::json!({"taskDefinition": value});
            }
            let text = serde_json::to_string_pretty(&value).unwrap();
            let read = TaskDefinition::parse_all("f.json", &text).unwrap();
            let findings = check(&read[0], now());
            assert_eq!(findings.len(), usize::from(rejected), "{length} {described}");
            for finding in findings {
                assert_eq!(finding.class.0, "E30");
                let words = "Actual length: '65537'. Max allowed length is '65536' bytes";
                assert!(finding.message.contains(words), "{finding}");
                assert!(finding.span.unwrap().len() <= 1);
            }
        }
    }
}

#[test]
fn overrides_have_a_length_of_their_own() {
    let table = Table::fargate();
    assert_eq!(table.overrides_too_long(8192, now()), None);
    let (class, words) = table.overrides_too_long(8193, now()).unwrap();
    assert_eq!(class.0, "E31");
    assert_eq!(table.class_of_request(&words), Some(&class));
    assert_eq!(table.class_of_request("anything else"), None);
}

#[test]
fn ports_are_the_same_as_numbers_and_as_texts() {
    let text = "Type: AWS::ECS::TaskDefinition\nProperties:\n  NetworkMode: awsvpc\n  Cpu: 256\n  Memory: 512\n  ContainerDefinitions:\n    \
                - Name: a\n      Image: i\n      PortMappings:\n        - ContainerPort: '80'\n          HostPort: 80\n";
    let read = TaskDefinition::parse_all("t.yaml", text).unwrap();
    assert_eq!(check(&read[0], now()), []);
    assert_eq!(read[0].containers[0].port_mappings[0].container_port, Some(80));
}
