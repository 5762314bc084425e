//! The environment of a container, in the order of precedence (`fargate.md` 1.3, 2.8).

use super::PlanOptions;
use crate::definition::ContainerDefinition;
use proofhouse_protocol::actor;

/// Identity of a task that variables carry.
pub(super) struct Identity<'a> {
    pub metadata_id: &'a str,
    pub credentials_id: Option<&'a str>,
}

/// `NAME=value`, each name once: what the agent injects, then files, secrets, the definition, the options; the last
/// wins, and the first environment file with a name wins over later files. What nothing stands in for is told in `missing`.
pub(super) fn environment(
    container: &ContainerDefinition,
    identity: &Identity<'_>,
    options: &PlanOptions,
    missing: &mut Vec<String>,
) -> Vec<String> {
    let mut merged = Variables::default();
    for (name, value) in injected(identity, options, container) {
        merged.set(&name, value);
    }
    for file in container.environment_files.iter().rev() {
        let Some(text) = options.stand_ins.environment_file(file) else {
            missing.push(format!(
                "container `{}` needs the environment file `{file}`, for which nothing stands in",
                container.name
            ));
            continue;
        };
        for (name, value) in variables(text) {
            merged.set(name, value.to_owned());
        }
    }
    for secret in &container.secrets {
        match options.stand_ins.secret(&secret.value_from) {
            Ok(value) => merged.set(&secret.name, value),
            Err(why) => missing
                .push(format!("container `{}` needs a secret for `{}`: {why}", container.name, secret.name)),
        }
    }
    for (name, value) in &container.environment {
        merged.set(name, value.clone());
    }
    if options.name_actors {
        merged.set(actor::NAME_VARIABLE, container.name.clone());
    }
    for (name, value) in options.extra_environment.get(&container.name).into_iter().flatten() {
        merged.set(name, value.clone());
    }
    merged.0.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
}

/// Variables of an environment file. A line without a name or without a value is not applied, as the agent does it (code AG
/// agent/taskresource/envFile/envfile.go); that Fargate's own does the same is a declared choice.
fn variables(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    lines.filter(|(name, value)| !name.is_empty() && !value.is_empty())
}

/// What the agent puts in; `HOSTNAME` comes from the engine.
fn injected(
    identity: &Identity<'_>,
    options: &PlanOptions,
    container: &ContainerDefinition,
) -> Vec<(String, String)> {
    const AGENT: &str = "http://169.254.170.2";
    let id = identity.metadata_id;
    let mut variables = vec![
        ("AWS_EXECUTION_ENV", "AWS_ECS_FARGATE".to_owned()),
        ("AWS_REGION", options.region.clone()),
        ("AWS_DEFAULT_REGION", options.region.clone()),
        ("ECS_CONTAINER_METADATA_URI", format!("{AGENT}/v3/{id}")),
        ("ECS_CONTAINER_METADATA_URI_V4", format!("{AGENT}/v4/{id}")),
        ("ECS_AGENT_URI", format!("{AGENT}/api/{id}")),
    ];
    if let Some(credentials) = identity.credentials_id {
        variables.push(("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", format!("/v2/credentials/{credentials}")));
    }
    if container.log_configuration.as_ref().is_some_and(|log| log.driver == "awsfirelens") {
        variables.push(("FLUENT_HOST", "127.0.0.1".to_owned()));
        variables.push(("FLUENT_PORT", "24224".to_owned()));
    }
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Names once, in the order of their last setting.
#[derive(Debug, Default)]
struct Variables(Vec<(String, String)>);

impl Variables {
    fn set(&mut self, name: &str, value: String) {
        self.0.retain(|(other, _)| other != name);
        self.0.push((name.to_owned(), value));
    }
}

#[cfg(test)]
mod tests {
    use super::variables;

    #[test]
    fn lines_without_a_name_or_a_value_are_passed_over() {
        let text = "# A=1\nA=1\nB=\n=2\nC\nD= \nE=a=b\nF=\"\"\r\n #G=1\n";
        let read: Vec<_> = variables(text).collect();
        assert_eq!(read, [("A", "1"), ("D", " "), ("E", "a=b"), ("F", "\"\""), (" #G", "1")]);
    }
}
