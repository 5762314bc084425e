//! `proofhouse validate`.

use super::Done;
use crate::arguments::ValidateArguments;
use crate::failure::{Failure, Message};
use crate::{input, output};
use proofhouse_harness::definition::{DefinitionError, TaskDefinition};
use proofhouse_harness::rules::{self, Date, Finding};
use proofhouse_reports::ExitCode;
use serde::Serialize;

/// What there is to say of one file.
#[derive(Debug, Serialize)]
struct Verdict {
    file: String,
    date: Date,
    accepted: bool,
    findings: Vec<Located>,
}

/// A reason to reject, with its place in lines.
#[derive(Debug, Serialize)]
struct Located {
    /// Absent for a text that is no task definition at all.
    class: Option<String>,
    message: String,
    path: String,
    line: usize,
    column: usize,
    help: String,
}

/// Says what Fargate would reject.
pub fn validate(arguments: &ValidateArguments) -> Done {
    let date = match arguments.date.as_deref() {
        None => Date::today(),
        Some(text) => Date::parse(text)
            .map_err(|error| Failure::new(ExitCode::Usage, Message::new(error.to_string())))?,
    };
    let mut rejected = Failure { exit: ExitCode::Usage, reports: Vec::new() };
    let mut verdicts = Vec::new();
    for file in &arguments.files {
        let (name, text) = input::read(file)?;
        let findings = match TaskDefinition::parse(&name, &text) {
            Ok(definition) => {
                let findings = rules::check(&definition, date);
                rejected.reports.extend(findings.iter().map(|finding| report(finding, &name, &text)));
                findings.iter().map(|finding| located(finding, &text)).collect()
            }
            Err(error) => {
                let unreadable = problems(&error);
                rejected.reports.extend(Failure::from(error).reports);
                unreadable
            }
        };
        verdicts.push(Verdict { file: name, date, accepted: findings.is_empty(), findings });
    }
    let exit = if rejected.reports.is_empty() { ExitCode::Passed } else { ExitCode::Usage };
    if arguments.json {
        output::json(&verdicts)?;
        return Ok(exit);
    }
    rejected.print();
    for verdict in &verdicts {
        output::line(&match verdict.findings.len() {
            0 => format!("{}: Fargate accepts it", verdict.file),
            1 => format!("{}: 1 reason to reject it", verdict.file),
            number => format!("{}: {number} reasons to reject it", verdict.file),
        });
    }
    Ok(exit)
}

fn report(finding: &Finding, name: &str, text: &str) -> miette::Report {
    let message = Message::new(format!("{}: {}", finding.class, finding.message)).help(&finding.help);
    match finding.span {
        Some(span) => message.at(name, text, (span.start, span.len()), &finding.path),
        None => message.in_file(name),
    }
    .into()
}

fn located(finding: &Finding, text: &str) -> Located {
    let (line, column) = finding.span.map_or((1, 1), |span| span.line_and_column(text));
    Located {
        class: Some(finding.class.to_string()),
        message: finding.message.clone(),
        path: finding.path.clone(),
        line,
        column,
        help: finding.help.clone(),
    }
}

fn problems(error: &DefinitionError) -> Vec<Located> {
    let located = |problem: &proofhouse_harness::definition::Problem| {
        let (line, column) = problem.span.line_and_column(&error.text);
        Located {
            class: None,
            message: problem.message.clone(),
            path: problem.path.clone(),
            line,
            column,
            help: problem.help.clone(),
        }
    };
    error.problems.iter().map(located).collect()
}
