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
