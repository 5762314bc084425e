//! `proofhouse steps`.

use super::Done;
use crate::arguments::StepsArguments;
use crate::output;
use proofhouse_scenarios::steps::documentation;

/// Lists the steps.
pub fn steps(arguments: &StepsArguments) -> Done {
    let word = arguments.word.as_deref().unwrap_or_default().to_lowercase();
    let steps: Vec<_> = documentation()
        .into_iter()
        .filter(|step| format!("{} {}", step.text, step.documentation).to_lowercase().contains(&word))
        .collect();
    if arguments.json {
        return output::json(&steps);
    }
    for step in &steps {
        output::line(&format!("{} {}", output::bold(step.keyword), output::bold(&step.text)));
        output::line(&format!("    {}\n", step.documentation));
    }
    output::line(&format!("{} steps", steps.len()));
    Ok(proofhouse_reports::ExitCode::Passed)
}
