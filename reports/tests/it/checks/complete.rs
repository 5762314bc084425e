//! No check is without a case of each outcome, and no expectation without one.

use super::case::Case;
use super::*;
use proofhouse_reports::{Check, Outcome};
use std::collections::{BTreeMap, BTreeSet};

/// All of them.
pub fn cases() -> Vec<Case> {
    [
        acceptance::of_plans(),
        acceptance::of_remains(),
        acceptance::of_rules(),
        audits::cases(),
        audits::of_fences(),
        audits::of_counts(),
        audits::of_order(),
        audits::of_losses(),
        audits::of_own_doing(),
        blame::of_embeds(),
        blame::of_policies(),
        connections::cases(),
        connections::of_faults(),
        connections::of_requests(),
        console::of_app_ids(),
        console::of_documents(),
        console::of_members(),
        console::of_status(),
        console::of_what_was_told(),
        containers::of_facts(),
        containers::of_logs(),
        embedding::cases(),
        exchanges::of_pages(),
        exchanges::of_pairs(),
        exchanges::of_status(),
        exchanges::of_what_is_told(),
        files::cases(),
        files::of_pairs(),
        kept::of_kills(),
        link::of_callers(),
        link::of_connections(),
        link::of_credentials(),
        link::of_strangers(),
        lost_events::cases(),
        modelled::of_changes(),
        modelled::of_names(),
        modelled::of_programs(),
        names::of_lookups(),
        names::of_questions(),
        policy::of_revisions(),
        policy::of_workloads(),
        programs::of_output(),
        programs::of_pairs(),
        programs::of_prevention(),
        programs::of_time(),
        requests::of_apps(),
        requests::of_services(),
        same_app::of_descriptions(),
        same_app::of_ends(),
        same_app::of_outputs(),
        same_app::of_environments(),
        schema::cases(),
        schema::of_event_ids(),
        schema::of_strays(),
        syslog::cases(),
        stops::of_exits(),
        stops::of_order(),
        stops::of_reasons(),
        stops::of_signals(),
        stops::of_states(),
        task::of_health(),
        task::of_running(),
        task::of_starts(),
        visits::of_requests(),
        visits::of_sequences(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Every check by its name in the history. One that is added must be added here, or this does not compile.
fn known(check: &Check) -> &'static str {
    match check {
        Check::Audits(_) => "audits",
        Check::AuditSchema { .. } => "audit_schema",
        Check::Syslog(_) => "syslog",
        Check::EventId { .. } => "event_id",
        Check::AuditsInOrder { .. } => "audits_in_order",
        Check::Counted { .. } => "counted",
        Check::NoUnexplainedAudits {} => "no_unexplained_audits",
        Check::Program(_) => "program",
        Check::PrintedAlike { .. } => "printed_alike",
        Check::Path { .. } => "path",
        Check::SameFile { .. } => "same_file",
        Check::Lookup(_) => "lookup",
        Check::Questions(_) => "questions",
        Check::Connection(_) => "connection",
        Check::RequestUnanswered { .. } => "request_unanswered",
        Check::FaultAnswer { .. } => "fault_answer",
        Check::Exchange(_) => "exchange",
        Check::AppRequests(_) => "app_requests",
        Check::ServiceRequests(_) => "service_requests",
        Check::ConsoleAnswer(_) => "console_answer",
        Check::AppId { .. } => "app_id",
        Check::OutsideConnections { .. } => "outside_connections",
        Check::OnlyKnownCallers { .. } => "only_known_callers",
        Check::StrangerRefused { .. } => "stranger_refused",
        Check::NoCredential { .. } => "no_credential",
        Check::Embedded { .. } => "embedded",
        Check::PolicyInForce {} => "policy_in_force",
        Check::Workloads {} => "workloads",
        Check::Acceptance(_) => "acceptance",
        Check::SameWhenDescribed {} => "same_when_described",
        Check::StopTimeout { .. } => "stop_timeout",
        Check::NothingOnTheEngine { .. } => "nothing_on_the_engine",
        Check::Task { .. } => "task",
        Check::Wrote { .. } => "wrote",
        Check::Facts { .. } => "facts",
        Check::SameDescription { .. } => "same_description",
        Check::SameEnvironment {} => "same_environment",
        Check::SameOutput { .. } => "same_output",
        Check::BothExited { .. } => "both_exited",
        Check::AsModelled(_) => "as_modelled",
        Check::AuditsKept(_) => "audits_kept",
    }
}

/// How many there are.
const CHECKS: usize = 41;

#[test]
fn each_check_has_a_case_of_each_outcome() {
    let mut seen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for case in cases() {
        assert_eq!(known(&case.check), case.check.name());
        let outcome = match case.outcome {
            Outcome::Holds => "holds",
            Outcome::Broken(_) => "broken",
            Outcome::Unproved => "unproved",
            Outcome::Error => continue,
        };
        seen.entry(known(&case.check)).or_default().insert(outcome);
    }
    assert_eq!(seen.len(), CHECKS, "{:?}", seen.keys());
    for (name, outcomes) in seen {
        assert_eq!(outcomes, BTreeSet::from(["broken", "holds", "unproved"]), "{name}");
    }
}

#[test]
fn each_expectation_has_a_case_that_holds_and_one_that_is_broken() {
    let mut seen: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for case in cases() {
        let json = serde_json::to_value(&case.check).unwrap();
        let expect = match &json["expect"] {
            serde_json::Value::Object(members) => members.keys().next().cloned().unwrap(),
            serde_json::Value::String(word) => word.clone(),
            _ => continue,
        };
        let outcomes = seen.entry(format!("{} {expect}", case.check.name())).or_default();
        match case.outcome {
            Outcome::Holds => _ = outcomes.insert("holds"),
            Outcome::Broken(_) => _ = outcomes.insert("broken"),
            Outcome::Unproved | Outcome::Error => {}
        }
    }
    assert!(seen.len() > 50, "{:?}", seen.keys());
    for (expectation, outcomes) in seen {
        assert_eq!(outcomes, BTreeSet::from(["broken", "holds"]), "{expectation}");
    }
}
