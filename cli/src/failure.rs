//! Why a command failed, as people read it: what, where, what to do; and the exit code.

use miette::{Diagnostic, LabeledSpan, NamedSource, Report, Severity, SourceSpan};
use proofhouse_harness::definition::DefinitionError;
use proofhouse_reports::ExitCode;
pub use proofhouse_scenarios::rig::chain;
use proofhouse_scenarios::suite::{Complaint, SuiteError};
use std::fmt;

/// A command that could not do what was asked.
#[derive(Debug)]
pub struct Failure {
    /// Exit code of the process.
    pub exit: ExitCode,
    /// What is printed; several for several mistakes.
    pub reports: Vec<Report>,
}

/// A message with an optional place and an optional hint.
#[derive(Debug, Clone)]
pub struct Message {
    text: String,
    help: Option<String>,
    severity: Severity,
    source: Option<NamedSource<String>>,
    label: Option<LabeledSpan>,
}

impl Message {
    /// A message without a place.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), help: None, severity: Severity::Error, source: None, label: None }
    }

    /// What to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Nothing that is wrong, but worth knowing.
    #[must_use]
    pub fn remark(mut self) -> Self {
        self.severity = Severity::Advice;
        self
    }

    /// The file, where no place in it is known.
    #[must_use]
    pub fn in_file(mut self, name: &str) -> Self {
        self.text = format!("{name}: {}", self.text);
        self
    }

    /// The place in a text that the user knows by a name.
    #[must_use]
    pub fn at(mut self, name: &str, text: &str, span: impl Into<SourceSpan>, label: &str) -> Self {
        self.source = Some(NamedSource::new(name, text.to_owned()));
        self.label = Some(LabeledSpan::new_with_span(Some(label.to_owned()), span));
        self
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Message {}

impl Diagnostic for Message {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_ref().map(|source| source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.label
            .clone()
            .map(|label| Box::new(std::iter::once(label)) as Box<dyn Iterator<Item = LabeledSpan>>)
    }
}

impl Failure {
    /// One message.
    pub fn new(exit: ExitCode, message: Message) -> Self {
        Self { exit, reports: vec![Report::new(message)] }
    }

    /// Bad input: arguments, files, environment.
    pub fn input(text: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(ExitCode::Usage, Message::new(text).help(help))
    }

    /// The machine or the engine is at fault.
    pub fn environment(error: &dyn std::error::Error, help: impl Into<String>) -> Self {
        Self::new(ExitCode::Environment, Message::new(chain(error)).help(help))
    }

    /// The same, where looking at the machine helps.
    pub fn machine(error: &dyn std::error::Error) -> Self {
        Self::environment(error, "`proofhouse doctor` says what is missing on this machine")
    }

    /// Prints every message to standard error.
    pub fn print(&self) {
        for report in &self.reports {
            eprintln!("{report:?}");
        }
    }
}

impl From<SuiteError> for Failure {
    fn from(error: SuiteError) -> Self {
        match error {
            SuiteError::Complaints(complaints) => {
                Self { exit: ExitCode::Usage, reports: complaints.iter().map(complaint).collect() }
            }
            SuiteError::Empty(_) => {
                Self::input(error.to_string(), "name a folder with `*.feature` files by `--features`")
            }
            SuiteError::Unreadable { .. } => {
                Self::input(error.to_string(), "name a folder that exists and may be read by `--features`")
            }
        }
    }
}

fn complaint(complaint: &Complaint) -> Report {
    let name = complaint.file.display().to_string();
    let message = Message::new(complaint.what.clone()).help(complaint.help.clone());
    let Ok(text) = std::fs::read_to_string(&complaint.file) else { return Report::new(message) };
    let start: usize = text.split_inclusive('\n').take(complaint.line.saturating_sub(1)).map(str::len).sum();
    let line = text[start..].lines().next().unwrap_or_default();
    let indent = line.len() - line.trim_start().len();
    Report::new(message.at(&name, &text, (start + indent, line.trim().len()), "here"))
}

impl From<DefinitionError> for Failure {
    fn from(error: DefinitionError) -> Self {
        let reports = error
            .problems
            .iter()
            .map(|problem| {
                let text = if problem.path.is_empty() {
                    problem.message.clone()
                } else {
                    format!("{}: {}", problem.path, problem.message)
                };
                let span = (problem.span.start, problem.span.end - problem.span.start);
                Report::new(Message::new(text).help(problem.help.clone()).at(
                    &error.origin,
                    &error.text,
                    span,
                    "here",
                ))
            })
            .collect();
        Self { exit: ExitCode::Usage, reports }
    }
}
