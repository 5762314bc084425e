//! What embedding changes in how Fargate takes a definition: told on standard error, beside the protected definition.

use crate::failure::{Failure, Message};
use proofhouse_harness::definition::{TaskDefinition, is_shell};
use proofhouse_harness::rules::{self, Date};
use proofhouse_reports::ExitCode;
use std::collections::BTreeSet;

/// Tells what Fargate would reject of the protected text and not of the one that came, and what becomes of the order behind a log
/// router. Both are definitions in JSON or YAML, native or CloudFormation.
pub fn tell(name: &str, text: &str, protected: &str) {
    let reports = remarks(name, text, protected).into_iter().map(Into::into).collect();
    Failure { exit: ExitCode::Passed, reports }.print();
}

fn remarks(name: &str, text: &str, protected: &str) -> Vec<Message> {
    let (Ok(before), Ok(after)) =
        (TaskDefinition::parse_all(name, text), TaskDefinition::parse_all(name, protected))
    else {
        return Vec::new();
    };
    let mut remarks = Vec::new();
    for (before, after) in before.iter().zip(&after) {
        let date = Date::today();
        let known: BTreeSet<_> = reasons(before, date).map(|finding| finding.class.0).collect();
        for finding in reasons(after, date).filter(|finding| !known.contains(&finding.class.0)) {
            let text = format!(
                "Fargate would reject this definition once the Defender is embedded ({}): {}",
                finding.class, finding.message
            );
            remarks.push(Message::new(text).help(finding.help).remark().in_file(name));
        }
        remarks.extend(router(before).map(|remark| remark.in_file(name)));
        remarks.extend(starts(before).map(|remark| remark.in_file(name)));
    }
    remarks
}

fn reasons(definition: &TaskDefinition, date: Date) -> impl Iterator<Item = rules::Finding> {
    rules::check(definition, date).into_iter().filter(rules::Finding::rejects)
}

/// A log router is an app to the Console: once it is embedded it waits for the Defender. On Fargate a container that logs through a
/// router waits for it without a word; what a router that waits itself does to that is not documented.
fn router(definition: &TaskDefinition) -> Option<Message> {
    let router = &definition.log_router()?.name;
    let users: Vec<_> =
        definition.behind_log_router().map(|container| format!("'{}'", container.name)).collect();
    if users.is_empty() {
        return None;
    }
    let text = format!(
        "the log router '{router}' waits for the Defender once it is embedded, and the agent for EC2 then starts {} without waiting \
         for the router",
        users.join(", ")
    );
    let help = format!(
        "write a dependency on '{router}' with the condition START into each container that logs through it"
    );
    Some(Message::new(text).help(help).remark())
}

/// Programs that work otherwise under a wrapper, or not at all, by what they are called: what they do, and what can be done.
const STARTS: [(&[&str], &str, &str); 3] = [
    (
        &["init", "s6-svscan", "s6-overlay-suexec", "runit-init", "systemd"],
        "is an init, and some inits insist on being process 1: under the Defender, as with `initProcessEnabled`, it is not",
        "try it with `proofhouse up`; an image of the s6-overlay family ends with 100, and cannot be protected",
    ),
    (
        &["strace", "ltrace", "gdb", "gdbserver", "rr", "cws-instrumentation"],
        "traces the app, and a process has one tracer: what it starts is judged by what the Defender sees before it runs",
        "start the app without it where the policy must hold against the app itself",
    ),
    (
        &["sudo", "su", "doas", "pkexec"],
        "gains its rights as a setuid program, which the Defender rules out (no_new_privs)",
        "name the user of the container in `user`, and start the app without it",
    ),
];

/// What a container starts that works otherwise under the Defender. Only the definition is looked at, not the image.
fn starts(definition: &TaskDefinition) -> impl Iterator<Item = Message> {
    definition.containers.iter().filter_map(|container| {
        let words: Vec<&str> =
            container.entry_point.iter().chain(&container.command).flatten().map(String::as_str).collect();
        let program = started(&words)?;
        let name = program.rsplit('/').next().unwrap_or(program);
        let (_, does, help) = STARTS.iter().find(|(names, ..)| names.contains(&name))?;
        let text = format!("`{program}`, which container '{}' starts, {does}", container.name);
        Some(Message::new(text).help(*help).remark())
    })
}

/// The program that words start: the first of them, or of the line that a shell is given.
fn started<'w>(words: &[&'w str]) -> Option<&'w str> {
    match words {
        [shell, "-c", line, ..] if is_shell(shell) => line.split_whitespace().find(|word| *word != "exec"),
        [program, ..] => Some(program),
        [] => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn said(before: &Value, after: &Value) -> Vec<String> {
        remarks("task.json", &before.to_string(), &after.to_string())
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    fn definition(containers: Value) -> Value {
        json!({"family": "f", "networkMode": "awsvpc", "cpu": "256", "memory": "512", "containerDefinitions": containers})
    }

    #[test]
    fn a_limit_that_embedding_crosses_is_told() {
        let app = |letters: usize| json!({"name": "app", "image": "i", "environment": [{"name": "A", "value": "x".repeat(letters)}]});
        let (short, long) = (definition(json!([app(60_000)])), definition(json!([app(70_000)])));
        let told = said(&short, &long);
        assert!(told.len() == 1 && told[0].contains("E30") && told[0].contains("'65536' bytes"), "{told:?}");
        assert_eq!(said(&short, &short), Vec::<String>::new());
        assert_eq!(said(&long, &long), Vec::<String>::new(), "it was too long before");
    }

    #[test]
    fn a_router_whose_order_is_not_written_is_told() {
        let router = json!({"name": "router", "image": "r", "firelensConfiguration": {"type": "fluentbit"}});
        let mut app = json!({"name": "app", "image": "i", "logConfiguration": {"logDriver": "awsfirelens"}});
        let implied = definition(json!([app, router]));
        let told = said(&implied, &implied);
        assert!(
            told.len() == 1 && told[0].contains("log router 'router'") && told[0].contains("'app'"),
            "{told:?}"
        );
        app["dependsOn"] = json!([{"containerName": "router", "condition": "START"}]);
        let written = definition(json!([app, router]));
        assert_eq!(said(&written, &written), Vec::<String>::new());
    }

    #[test]
    fn what_works_otherwise_under_a_wrapper_is_told() {
        for (words, told) in [
            (json!({"entryPoint": ["/init"]}), "is an init"),
            (json!({"entryPoint": ["sh", "-c"], "command": ["exec strace -f app"]}), "traces the app"),
            (json!({"command": ["sudo", "-u", "app", "serve"]}), "setuid"),
        ] {
            let mut app = json!({"name": "app", "image": "i"});
            app.as_object_mut().unwrap().extend(words.as_object().unwrap().clone());
            let one = definition(json!([app]));
            let said = said(&one, &one);
            assert!(said.len() == 1 && said[0].contains(told) && said[0].contains("'app'"), "{said:?}");
        }
        let app = json!({"name": "app", "image": "i", "entryPoint": ["/usr/bin/initdb"], "command": ["su"]});
        let one = definition(json!([app]));
        assert_eq!(said(&one, &one), Vec::<String>::new());
    }
}
