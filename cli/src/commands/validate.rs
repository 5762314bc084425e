//! `proofhouse validate`.

use super::Done;
use crate::arguments::ValidateArguments;
use crate::failure::{Failure, Message};
use crate::{input, output};
use proofhouse_harness::definition::{DefinitionError, Span, TaskDefinition};
use proofhouse_harness::rules::{self, Date, Finding, Level, RefusedBy, Table, Wording};
use proofhouse_reports::ExitCode;
use serde::Serialize;

/// Findings of a file that are shown with their lines; the last line tells how many there are, and `--json` has all.
const SHOWN: usize = 100;

/// What there is to say of one file.
#[derive(Debug, Serialize)]
struct Verdict {
    file: String,
    date: Date,
    data_date: Date,
    accepted: bool,
    findings: Vec<Located>,
    open: Vec<Open>,
}

/// A reason to reject, or a remark, with its place in lines.
#[derive(Debug, Serialize)]
struct Located {
    /// Absent for a text that is no task definition at all.
    class: Option<String>,
    level: Level,
    refused_by: RefusedBy,
    message: String,
    path: String,
    line: usize,
    column: usize,
    help: String,
    source: Option<String>,
    wording: Wording,
    valid_from: Option<Date>,
}

/// A value that CloudFormation knows when it deploys.
#[derive(Debug, Serialize)]
struct Open {
    path: String,
    text: String,
    line: usize,
    column: usize,
}

/// Says what Fargate would reject.
pub fn validate(arguments: &ValidateArguments) -> Done {
    let date = match arguments.date.as_deref() {
        None => Date::today(),
        Some(text) => Date::parse(text)
            .map_err(|error| Failure::new(ExitCode::Usage, Message::new(error.to_string())))?,
    };
    let mut said = Failure { exit: ExitCode::Usage, reports: Vec::new() };
    let mut verdicts = Vec::new();
    for file in &arguments.files {
        let (name, text) = input::read(file)?;
        let (verdict, reports) = judge(name, &text, date);
        said.reports.extend(reports);
        verdicts.push(verdict);
    }
    let accepted = verdicts.iter().all(|verdict| verdict.accepted);
    let exit = if accepted { ExitCode::Passed } else { ExitCode::Usage };
    if arguments.json {
        output::json(&verdicts)?;
        return Ok(exit);
    }
    said.print();
    for verdict in &verdicts {
        output::line(&verdict.summary());
    }
    let known = Table::fargate().data_date.0;
    output::line(&format!("judged by the rules in force on {}, as known on {known}", date.0));
    Ok(exit)
}

/// Whether Fargate takes a definition today.
///
/// # Errors
/// Every reason to reject it.
pub fn accepted(definition: &TaskDefinition, name: &str, text: &str) -> Result<(), Failure> {
    let findings = rules::check(definition, Date::today());
    let reasons: Vec<_> = findings.iter().filter(|finding| finding.rejects()).collect();
    if reasons.is_empty() {
        return Ok(());
    }
    let mut reports: Vec<_> = reasons.iter().take(SHOWN).map(|finding| report(finding, name, text)).collect();
    let message = Message::new("Fargate would reject this definition, so nothing was started");
    reports.push(message.help("mend it, or add `--unchecked` to start it all the same").in_file(name).into());
    Err(Failure { exit: ExitCode::Usage, reports })
}

fn judge(file: String, text: &str, date: Date) -> (Verdict, Vec<miette::Report>) {
    let data_date = Table::fargate().data_date;
    let verdict =
        |accepted, findings, open| Verdict { file: file.clone(), date, data_date, accepted, findings, open };
    let definitions = match TaskDefinition::parse_all(&file, text) {
        Ok(definitions) => definitions,
        Err(error) => {
            let problems = problems(&error);
            return (verdict(false, problems, Vec::new()), Failure::from(error).reports);
        }
    };
    let findings: Vec<Finding> =
        definitions.iter().flat_map(|definition| rules::check(definition, date)).collect();
    let open = definitions.iter().flat_map(TaskDefinition::open_values).map(|value| {
        let (line, column) = value.span.line_and_column(text);
        Open { path: value.path, text: value.text, line, column }
    });
    let reports = findings.iter().take(SHOWN).map(|finding| report(finding, &file, text)).collect();
    let accepted = !findings.iter().any(Finding::rejects);
    let located = findings.into_iter().map(|finding| located(finding, text)).collect();
    (verdict(accepted, located, open.collect()), reports)
}

impl Verdict {
    fn summary(&self) -> String {
        let count = |number: usize, one: &str, many: &str| {
            format!("{number} {}", if number == 1 { one } else { many })
        };
        let (remarks, reasons): (Vec<&Located>, Vec<&Located>) =
            self.findings.iter().partition(|finding| finding.level == Level::Remark);
        let holes = reasons.iter().filter(|reason| reason.class.as_deref() == Some("placeholder")).count();
        let mut words = match reasons.len() {
            _ if reasons.iter().any(|reason| reason.class.is_none()) => {
                "no task definition to judge".to_owned()
            }
            0 => "Fargate accepts it".to_owned(),
            number if number == holes => {
                let holes = count(holes, "placeholder is", "placeholders are");
                format!("a template, not a task definition: {holes} not filled in")
            }
            number => count(number, "reason to reject it", "reasons to reject it"),
        };
        if !self.open.is_empty() {
            let open = count(self.open.len(), "value is", "values are");
            words.push_str(&format!(", as far as is known: {open} CloudFormation's to fill in"));
        }
        if !remarks.is_empty() {
            words.push_str(&format!(" ({})", count(remarks.len(), "remark", "remarks")));
        }
        format!("{}: {words}", self.file)
    }
}

fn report(finding: &Finding, name: &str, text: &str) -> miette::Report {
    let head = match (finding.refused_by, finding.level, finding.class.0.as_str()) {
        (_, Level::Remark, _) => "remark: ".to_owned(),
        (_, _, "placeholder") => String::new(),
        (RefusedBy::Client, _, class) => format!("{class}, refused by the CLI and SDKs: "),
        (RefusedBy::CloudFormation, _, class) => format!("{class}, refused by CloudFormation: "),
        (_, _, class) => format!("{class}: "),
    };
    let help = match (finding.wording, finding.level) {
        (Wording::Ours, Level::Rejection) => {
            format!("{} (documented; the words of AWS's answer are not known)", finding.help)
        }
        _ => finding.help.clone(),
    };
    let mut message = Message::new(format!("{head}{}", finding.message)).help(help);
    if finding.level == Level::Remark {
        message = message.remark();
    }
    match finding.span {
        Some(span) => message.at(name, text, (span.start, span.len()), &finding.path),
        None => message.in_file(name),
    }
    .into()
}

fn located(finding: Finding, text: &str) -> Located {
    let (line, column) = place(finding.span, text);
    Located {
        class: Some(finding.class.to_string()),
        level: finding.level,
        refused_by: finding.refused_by,
        message: finding.message,
        path: finding.path,
        line,
        column,
        help: finding.help,
        source: Some(finding.source),
        wording: finding.wording,
        valid_from: Some(finding.valid_from),
    }
}

fn place(span: Option<Span>, text: &str) -> (usize, usize) {
    span.map_or((1, 1), |span| span.line_and_column(text))
}

fn problems(error: &DefinitionError) -> Vec<Located> {
    let located = |problem: &proofhouse_harness::definition::Problem| {
        let (line, column) = problem.span.line_and_column(&error.text);
        Located {
            class: None,
            level: Level::Rejection,
            refused_by: RefusedBy::Nobody,
            message: problem.message.clone(),
            path: problem.path.clone(),
            line,
            column,
            help: problem.help.clone(),
            source: None,
            wording: Wording::Ours,
            valid_from: None,
        }
    };
    error.problems.iter().map(located).collect()
}
