//! `junit.xml`: what CI systems show.

use crate::RunReport;
use crate::verdict::{ScenarioResult, Verdict};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite, XmlString};
use std::time::Duration;

/// The report as JUnit XML: a suite for each feature, a case for each scenario.
///
/// `failed` and `unexpected pass` are failures; `inconclusive` and `error` are errors; `known failure` and
/// `not applicable` are skipped. The type attribute has the verdict, the message the first line of the cause.
///
/// # Panics
/// Never: it is written into memory, and invalid characters are left out beforehand.
#[must_use]
pub fn to_junit(report: &RunReport) -> String {
    let mut xml = Report::new("proofhouse");
    xml.set_time(duration(report.duration_ms));
    for (feature, results) in super::terminal::by_feature(&report.results) {
        let mut suite = TestSuite::new(feature);
        suite.set_time(duration(results.iter().map(|r| r.duration_ms).sum()));
        suite.extra.insert(XmlString::new("timestamp"), XmlString::new(report.run.started.to_string()));
        suite.add_property(Property::new("run", report.run.run_id.as_str()));
        suite.add_property(Property::new("implementation", report.run.implementation.name.as_str()));
        suite.add_property(Property::new("version", report.run.implementation.version.as_str()));
        suite.add_property(Property::new("profile", report.run.semantics.profile.as_str()));
        suite.add_test_cases(results.into_iter().map(case));
        xml.add_test_suite(suite);
    }
    xml.to_string().expect("XML in memory, without invalid characters")
}

fn case(result: &ScenarioResult) -> TestCase {
    let mut case = TestCase::new(format!("{} {}", result.meta.id, result.meta.title), status(result));
    case.set_classname(result.meta.feature.as_str()).set_time(duration(result.duration_ms));
    case.extra.insert(XmlString::new("file"), XmlString::new(&result.meta.file));
    case.extra.insert(XmlString::new("line"), XmlString::new(result.meta.line.to_string()));
    case.add_property(Property::new("verdict", result.verdict.as_str()));
    if let Some(by) = result.blame {
        case.add_property(Property::new("blame", by.as_str()));
    }
    case.add_property(Property::new("level", result.meta.level.as_str()));
    for id in &result.meta.requirements {
        case.add_property(Property::new("requirement", id.as_str()));
    }
    if result.verdict != Verdict::Passed {
        case.set_system_out(steps(result));
    }
    case
}

fn status(result: &ScenarioResult) -> TestCaseStatus {
    let mut status = match result.verdict {
        Verdict::Passed => return TestCaseStatus::success(),
        Verdict::Failed | Verdict::UnexpectedPass => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Verdict::Inconclusive | Verdict::Error => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::KnownFailure | Verdict::NotApplicable => TestCaseStatus::skipped(),
    };
    let first = result.cause.lines().next().unwrap_or_default();
    status.set_message(first).set_type(result.verdict.as_str()).set_description(result.cause.as_str());
    status
}

fn steps(result: &ScenarioResult) -> String {
    let line = |s: &crate::verdict::StepResult| format!("{:>9}  {} {}\n", s.status, s.keyword, s.text);
    result.steps.iter().map(line).collect()
}

fn duration(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms / 1000.0).unwrap_or_default()
}
