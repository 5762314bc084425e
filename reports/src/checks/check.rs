//! Every check as a value: built by a step, recorded, and made by whoever reads the history.

use super::acceptance::{self, Acceptance};
use super::audit_count::AuditCount;
use super::connection::{self, Connection};
use super::console::{self, ConsoleAnswer};
use super::container::{self, FactExpectation};
use super::dns::Questions;
use super::embedding::{self, EmbedExpectation};
use super::evidence::Evidence;
use super::exchange::Exchange;
use super::kept::AuditsKept;
use super::look::{self, Place};
use super::lookup::Lookup;
use super::modelled::AsModelled;
use super::outcome::{Conclusion, Outcome};
use super::program::{self, Program};
use super::requests::{AppRequests, ServiceRequests};
use super::syslog::SyslogLines;
use super::task::TaskExpectation;
use super::{attribution, audit_says, counted, in_order, link, policy, same_app};
use crate::HistoryRecord;
use proofhouse_protocol::observation::{Blame, Observation};
use serde::{Deserialize, Serialize};

/// A check with its input. In JSON, the name stands in the member `check` beside the members of the input.
///
/// It holds no conclusion: that is made from the records before it, each time anew, and by nobody else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "check", rename_all = "snake_case")]
pub enum Check {
    /// How many audits a stimulus caused, and what they say.
    Audits(AuditCount),
    /// Members and values of the audits of a stimulus are those of the schema.
    AuditSchema {
        /// Stimulus.
        token: String,
    },
    /// Lines of the Console's syslog.
    Syslog(SyslogLines),
    /// The event id of an answer stands in its audits.
    EventId {
        /// Stimulus.
        token: String,
    },
    /// Each of several stimuli was told of once, in their order.
    AuditsInOrder {
        /// Stimuli, in the order in which they were done.
        tokens: Vec<String>,
    },
    /// The Defender has counted something of that name.
    Counted {
        /// Name among the totals (docs/link.md).
        name: String,
    },
    /// Every audit was caused by a stimulus.
    NoUnexplainedAudits {},
    /// What became of a program.
    Program(Program),
    /// Two programs print the same.
    PrintedAlike {
        /// Stimulus.
        one: String,
        /// Another.
        other: String,
    },
    /// Something is at a path, or nothing is.
    Path {
        /// Where.
        #[serde(flatten)]
        place: Place,
        /// Whether something is there.
        exists: bool,
    },
    /// Two files have the same bytes.
    SameFile {
        /// One.
        one: Place,
        /// The other.
        other: Place,
    },
    /// What a program got for a name.
    Lookup(Lookup),
    /// Questions at a DNS server outside.
    Questions(Questions),
    /// A connection that a container opens.
    Connection(Connection),
    /// Nothing answers a client's request.
    RequestUnanswered {
        /// Stimulus.
        token: String,
    },
    /// An answer of the fault-injection API.
    FaultAnswer {
        /// Stimulus.
        token: String,
        /// Status.
        status: u16,
        /// `Status` of a 200, a part of the `Error` of others.
        text: String,
    },
    /// What a client outside got.
    Exchange(Exchange),
    /// Requests at the app behind the firewall.
    AppRequests(AppRequests),
    /// Requests at a service outside.
    ServiceRequests(ServiceRequests),
    /// What the Console's API answered.
    ConsoleAnswer(ConsoleAnswer),
    /// The App ID is the family and the task id.
    AppId {
        /// Family of the definition.
        family: String,
    },
    /// How many connections to a server came out of the task, beside fences.
    #[serde(alias = "console_connections")]
    OutsideConnections {
        /// Address and port.
        server: String,
        /// How many.
        count: usize,
    },
    /// Every REST call was made by one of these users.
    OnlyKnownCallers {
        /// Users.
        known: Vec<String>,
    },
    /// Someone without a bundle gets nothing at the Defender link.
    StrangerRefused {
        /// Stimulus.
        token: String,
    },
    /// No variable of an embedded container is a credential.
    NoCredential {
        /// Container.
        container: String,
    },
    /// What the embed made of the definition.
    Embedded {
        /// What is expected.
        expect: EmbedExpectation,
    },
    /// The Defender decides by the Console's latest policy.
    PolicyInForce {},
    /// The Defender has told of every container.
    Workloads {},
    /// What the simulated Fargate says to a definition.
    Acceptance(Acceptance),
    /// The definition gives the same task as it is described.
    SameWhenDescribed {},
    /// The time that a container has to stop.
    StopTimeout {
        /// Container.
        container: String,
        /// Seconds.
        seconds: u64,
    },
    /// Nothing of the scenario is on the engine.
    NothingOnTheEngine {
        /// Whether a task was there before.
        removed: bool,
    },
    /// What became of the task and its containers.
    Task {
        /// What is expected.
        expect: TaskExpectation,
    },
    /// A line of a container's log.
    Wrote {
        /// Container.
        container: String,
        /// A part of the line.
        text: String,
    },
    /// How the engine has a container.
    Facts {
        /// Container.
        container: String,
        /// What is expected.
        expect: FactExpectation,
    },
    /// A container is the same process bare and protected.
    SameDescription {
        /// Container.
        container: String,
    },
    /// The environment is the same bare and protected, but for what the embed adds.
    SameEnvironment {},
    /// Everything that was tried came to what the model says.
    AsModelled(AsModelled),
    /// What was denied while something was killed again and again was told of once, and the Console has it.
    AuditsKept(AuditsKept),
    /// A container writes the same bare and protected.
    SameOutput {
        /// Container.
        container: String,
    },
    /// Both runs ended with a code.
    BothExited {
        /// Container.
        container: String,
        /// Code.
        code: i64,
    },
}

impl Check {
    /// Makes the check on the records of a scenario before it.
    #[must_use]
    pub fn judge(&self, records: &[HistoryRecord]) -> Conclusion {
        let evidence = Evidence::of(records);
        let mut conclusion = self.made_on(evidence);
        // What the task was to come to, and was waited for in vain, cannot come with what the Console made of the definition.
        let waited = matches!(self, Self::Task { .. } | Self::Workloads {} | Self::Wrote { .. });
        if conclusion.outcome == Outcome::Unproved && waited && upstream(evidence, Blame::Fargate).is_some() {
            conclusion.outcome = Outcome::Broken(Blame::Fargate);
        }
        if let Outcome::Broken(by) = conclusion.outcome
            && let Some((sequence, why)) = upstream(evidence, by)
        {
            conclusion.outcome = Outcome::Broken(Blame::Console);
            conclusion.said = format!("{}; {why}", conclusion.said);
            conclusion = conclusion.on([sequence]);
        }
        conclusion
    }

    fn made_on(&self, evidence: Evidence<'_>) -> Conclusion {
        match self {
            Self::Audits(input) => input.judge(evidence),
            Self::AuditSchema { token } => audit_says::schema(evidence, token),
            Self::Syslog(input) => input.judge(evidence),
            Self::EventId { token } => audit_says::event_id(evidence, token),
            Self::AuditsInOrder { tokens } => in_order::told_in_order(evidence, tokens),
            Self::Counted { name } => counted::counted(evidence, name),
            Self::NoUnexplainedAudits {} => {
                attribution::no_unexplained_audits(evidence, &expected_audits(evidence.records()))
            }
            Self::Program(input) => input.judge(evidence),
            Self::PrintedAlike { one, other } => program::printed_alike(evidence, one, other),
            Self::Path { place, exists } => look::path(evidence, place, *exists),
            Self::SameFile { one, other } => look::same_file(evidence, one, other),
            Self::Lookup(input) => input.judge(evidence),
            Self::Questions(input) => input.judge(evidence),
            Self::Connection(input) => input.judge(evidence),
            Self::RequestUnanswered { token } => connection::request_unanswered(evidence, token),
            Self::FaultAnswer { token, status, text } => {
                connection::fault_answer(evidence, token, *status, text)
            }
            Self::Exchange(input) => input.judge(evidence),
            Self::AppRequests(input) => input.judge(evidence),
            Self::ServiceRequests(input) => input.judge(evidence),
            Self::ConsoleAnswer(input) => input.judge(evidence),
            Self::AppId { family } => console::app_id(evidence, family),
            Self::OutsideConnections { server, count } => link::connections(evidence, server, *count),
            Self::OnlyKnownCallers { known } => link::only_known_callers(evidence, known),
            Self::StrangerRefused { token } => link::stranger_refused(evidence, token),
            Self::NoCredential { container } => link::no_credential(evidence, container),
            Self::Embedded { expect } => embedding::embedded(evidence, expect),
            Self::PolicyInForce {} => policy::in_force(evidence),
            Self::Workloads {} => policy::workloads(evidence),
            Self::Acceptance(input) => input.judge(evidence),
            Self::SameWhenDescribed {} => acceptance::same_when_described(evidence),
            Self::StopTimeout { container, seconds } => {
                acceptance::stop_timeout(evidence, container, *seconds)
            }
            Self::NothingOnTheEngine { removed } => acceptance::nothing_on_the_engine(evidence, *removed),
            Self::Task { expect } => expect.judge(evidence),
            Self::Wrote { container, text } => container::wrote(evidence, container, text),
            Self::Facts { container, expect } => container::facts(evidence, container, expect),
            Self::SameDescription { container } => same_app::same_description(evidence, container),
            Self::SameEnvironment {} => same_app::same_environment(evidence),
            Self::AsModelled(input) => input.judge(evidence),
            Self::AuditsKept(input) => input.judge(evidence),
            Self::SameOutput { container } => same_app::same_output(evidence, container),
            Self::BothExited { container, code } => same_app::both_exited(evidence, container, *code),
        }
    }

    /// Its name, as the history has it.
    ///
    /// # Panics
    /// Never: a check serialises as an object with its name in it.
    #[must_use]
    pub fn name(&self) -> String {
        let json = serde_json::to_value(self).expect("a check has string keys only");
        json["check"].as_str().expect("a check is tagged by its name").to_owned()
    }

    /// As an observation, to be recorded; `step` is the place of the step that makes it.
    ///
    /// # Panics
    /// Never: a check has string keys only.
    #[must_use]
    pub fn to_observation(&self, step: Option<usize>) -> Observation {
        Observation::Check { step, check: serde_json::to_value(self).expect("a check has string keys only") }
    }
}

/// Who is to blame before the Defender or Fargate are: the Console, when what it gave them is not what it was given.
fn upstream(evidence: Evidence<'_>, by: Blame) -> Option<(u64, String)> {
    match by {
        Blame::Defender => embedding::fault(evidence).or_else(|| policy::fault(evidence)),
        Blame::Fargate => embedding::fault(evidence),
        Blame::Console | Blame::Harness => None,
    }
}

/// The audits that a scenario expects without naming their stimulus: they have their cause, for the scenario says so.
fn expected_audits(records: &[HistoryRecord]) -> Vec<AuditCount> {
    records
        .iter()
        .enumerate()
        .filter_map(|(index, record)| {
            let Observation::Check { check, .. } = record.observation() else { return None };
            let Ok(Check::Audits(input)) = serde_json::from_value(check.clone()) else { return None };
            (input.token.is_none() && input.judge(Evidence::of(&records[..index])).is_held()).then_some(input)
        })
        .collect()
}
