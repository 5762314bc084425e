//! Every step with its documentation, read from the sources that define them.

use serde::Serialize;

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepDocumentation {
    /// `Given`, `When` or `Then`.
    pub keyword: &'static str,
    /// Expression, or regular expression.
    pub text: String,
    /// Documentation.
    pub documentation: String,
}

const SOURCES: [&str; 10] = [
    include_str!("task.rs"),
    include_str!("policy.rs"),
    include_str!("process.rs"),
    include_str!("dns.rs"),
    include_str!("waas.rs"),
    include_str!("audits.rs"),
    include_str!("console.rs"),
    include_str!("embed.rs"),
    include_str!("fargate.rs"),
    include_str!("faults.rs"),
];

/// Every step, in the order of the sources.
#[must_use]
pub fn documentation() -> Vec<StepDocumentation> {
    SOURCES.iter().chain([&include_str!("app.rs")]).flat_map(|source| read(source)).collect()
}

fn read(source: &str) -> Vec<StepDocumentation> {
    let mut steps = Vec::new();
    let mut text = Vec::new();
    for line in source.lines() {
        if let Some(comment) = line.strip_prefix("/// ") {
            text.push(comment.trim());
        } else if let Some((keyword, expression)) = attribute(line) {
            let documentation = text.join(" ");
            steps.push(StepDocumentation { keyword, text: expression, documentation });
            text.clear();
        } else {
            text.clear();
        }
    }
    steps
}

fn attribute(line: &str) -> Option<(&'static str, String)> {
    let keyword =
        ["given", "when", "then"].into_iter().find(|keyword| line.starts_with(&format!("#[{keyword}(")))?;
    let (_, rest) = line.split_once('"')?;
    let (expression, _) = rest.rsplit_once('"')?;
    let keyword = match keyword {
        "given" => "Given",
        "when" => "When",
        _ => "Then",
    };
    Some((keyword, expression.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bodies of the steps of a keyword, each with its name.
    fn bodies<'a>(source: &'a str, keyword: &str) -> Vec<(&'a str, &'a str)> {
        let mark = format!("\n#[{keyword}(");
        let functions: Vec<_> = source.split(mark.as_str()).skip(1).collect();
        functions
            .into_iter()
            .filter_map(|rest| {
                let (_, function) = rest.split_once("async fn ")?;
                let body = function.split("\n}\n").next()?;
                Some((body.split('(').next()?, body))
            })
            .collect()
    }

    #[test]
    fn every_then_step_makes_a_check_and_no_other_does() {
        let app = include_str!("app.rs");
        let then: Vec<_> = SOURCES.iter().chain([&app]).flat_map(|source| bodies(source, "then")).collect();
        assert!(then.len() > 60, "only {} steps were found", then.len());
        for (name, body) in then {
            assert!(body.contains("world.expect_"), "`{name}` makes no check");
        }
        // What makes one is named so; it cannot end well without one.
        let world = [
            include_str!("../world/acceptance.rs"),
            include_str!("../world/apps.rs"),
            include_str!("../world/audits.rs"),
            include_str!("../world/calls.rs"),
            include_str!("../world/embedding.rs"),
            include_str!("../world/exchanges.rs"),
            include_str!("../world/faults.rs"),
            include_str!("../world/lookups.rs"),
            include_str!("../world/processes.rs"),
            include_str!("../world/record.rs"),
            include_str!("../world/remains.rs"),
            include_str!("../world/stubs.rs"),
        ];
        let mut functions = 0;
        for function in world.iter().flat_map(|source| source.split("fn expect_").skip(1)) {
            let body = function.split("\n    }\n").next().unwrap_or_default();
            assert!(
                body.contains("self.settle(") || body.contains("self.expect_"),
                "`expect_{}` makes no check",
                body.split('(').next().unwrap_or_default()
            );
            functions += 1;
        }
        assert!(functions > 60, "only {functions} functions were found");
    }

    #[test]
    fn every_step_is_listed_with_its_documentation() {
        let steps = documentation();
        let attributes: usize = SOURCES
            .iter()
            .chain([&include_str!("app.rs")])
            .map(|source| source.lines().filter(|line| attribute(line).is_some()).count())
            .sum();
        assert_eq!(steps.len(), attributes);
        assert!(steps.len() > 60, "only {} steps were found", steps.len());
        let silent: Vec<_> = steps.iter().filter(|step| step.documentation.is_empty()).collect();
        assert!(silent.is_empty(), "without documentation: {silent:?}");
    }
}
