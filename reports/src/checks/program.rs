//! What became of a program that the actor was asked to run.

use super::act::{Act, ended};
use super::evidence::Evidence;
use super::outcome::Conclusion;
use super::text::{excerpt, words};
use proofhouse_protocol::actor::{End, Reply, Request};
use proofhouse_protocol::observation::Blame;
use serde::{Deserialize, Serialize};

/// What is expected of the program of a stimulus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProgramExpectation {
    /// It did not execute an instruction: it could not be started or was killed, and wrote nothing.
    NeverRan,
    /// It ran and exited, with this code if one is given.
    Ran(Option<i32>),
    /// It did anything but exit with 0.
    DidNotSucceed,
    /// It was over within so many milliseconds, whatever became of it.
    Within(u64),
    /// Its standard output, without surrounding white space.
    Output(String),
    /// Both its outputs, with single blanks for white space.
    Prints(String),
    /// What its control group says of the processor, by version 1 (`shares`) or 2 (`weight`).
    CpuShares(u64),
}

/// Input of the check of a program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Stimulus.
    pub token: String,
    /// What is expected.
    pub expect: ProgramExpectation,
}

/// A run of a program, with its reply taken apart.
struct Ran<'a> {
    act: Act<'a>,
    end: &'a End,
    stdout: &'a str,
    stderr: &'a str,
    elapsed_ms: f64,
}

fn run<'a>(evidence: Evidence<'a>, token: &str) -> Result<Ran<'a>, Conclusion> {
    let last = evidence.acts_of(token).filter(|act| matches!(act.request, Request::Run { .. })).last();
    let Some(act) = last else {
        return Err(Conclusion::unproved(format!(
            "no program of stimulus {} is in the records",
            evidence.named(token)
        )));
    };
    let on = [act.record.sequence];
    match act.reply {
        Reply::Ran { end, stdout, stderr, elapsed_ms, .. } => {
            Ok(Ran { act, end, stdout, stderr, elapsed_ms: *elapsed_ms })
        }
        Reply::Failed { error, .. } => {
            Err(Conclusion::unproved(format!("the actor could not run the program: {error}")).on(on))
        }
        other => Err(Conclusion::error(format!("the actor answered a run with {other:?}")).on(on)),
    }
}

impl Ran<'_> {
    fn program(&self) -> String {
        format!("`{}` in \"{}\"", excerpt(&self.act.argv().join(" ")), self.act.container)
    }

    fn seen(&self) -> String {
        let text = |name: &str, text: &str| {
            if text.is_empty() { format!("no {name}") } else { format!("{name} `{}`", excerpt(text)) }
        };
        format!(
            "{}, with {} and {}",
            ended(self.end),
            text("output", self.stdout),
            text("error output", self.stderr)
        )
    }
}

impl Program {
    pub(super) fn judge(&self, evidence: Evidence<'_>) -> Conclusion {
        let ran = match run(evidence, &self.token) {
            Ok(ran) => ran,
            Err(conclusion) => return conclusion,
        };
        let (program, seen, by) = (ran.program(), ran.seen(), evidence.subject());
        let silent = ran.stdout.is_empty() && ran.stderr.is_empty();
        // What a program did not do within the time that the harness gives it is not known.
        let late = matches!(ran.end, End::TimedOut | End::Unknown);
        let said = match &self.expect {
            ProgramExpectation::NeverRan => match ran.end {
                End::NotStarted { .. } | End::Signalled { .. } => {
                    Conclusion::either(silent, by, format!("expected that {program} never ran; {seen}"))
                }
                End::Unknown => Conclusion::unproved(format!("expected that {program} never ran; {seen}")),
                End::Exited { .. } | End::TimedOut => {
                    Conclusion::broken(by, format!("expected that {program} never ran; {seen}"))
                }
            },
            ProgramExpectation::Ran(code) => {
                let wanted = code.map_or_else(|| "to exit".to_owned(), |code| format!("to exit with {code}"));
                let said = format!("expected {program} {wanted}; {seen}");
                match ran.end {
                    End::Exited { code: found } => {
                        Conclusion::either(code.is_none_or(|code| code == *found), by, said)
                    }
                    _ if late => Conclusion::unproved(said),
                    _ => Conclusion::broken(by, said),
                }
            }
            ProgramExpectation::Within(limit) => {
                let said = format!(
                    "expected {program} to be over within {limit} ms; it took {:.0} ms, {seen}",
                    ran.elapsed_ms
                );
                match ran.end {
                    End::Unknown => Conclusion::unproved(said),
                    // The harness waits longer than any requirement of this kind.
                    End::TimedOut => Conclusion::broken(by, said),
                    _ => Conclusion::either(ran.elapsed_ms <= *limit as f64, by, said),
                }
            }
            ProgramExpectation::DidNotSucceed => {
                let said = format!("expected that {program} does not succeed; {seen}");
                if late {
                    Conclusion::unproved(said)
                } else {
                    Conclusion::either(!matches!(ran.end, End::Exited { code: 0 }), by, said)
                }
            }
            ProgramExpectation::Output(expected) => {
                let said = format!("expected {program} to write `{expected}`; {seen}");
                let holds = ran.stdout.trim() == expected;
                if late && !holds { Conclusion::unproved(said) } else { Conclusion::either(holds, by, said) }
            }
            ProgramExpectation::Prints(expected) => {
                let found = words(&format!("{} {}", ran.stdout, ran.stderr));
                let said = format!("expected {program} to print `{expected}`; it prints `{found}`");
                let holds = found == words(expected);
                if late && !holds { Conclusion::unproved(said) } else { Conclusion::either(holds, by, said) }
            }
            ProgramExpectation::CpuShares(shares) => {
                let found = words(&format!("{} {}", ran.stdout, ran.stderr));
                let weight = 1 + ((*shares).max(2) - 2) * 9999 / 262_142;
                let holds = found == shares.to_string() || found.ends_with(&format!(" {weight}"));
                let said = format!(
                    "expected {shares} CPU shares for \"{}\"; its control group says `{found}`",
                    ran.act.container
                );
                if late {
                    Conclusion::unproved(said)
                } else {
                    Conclusion::either(holds, Blame::Fargate, said)
                }
            }
        };
        // The expectation stands first in what is broken, what was seen in what holds.
        let said =
            if said.is_held() { Conclusion { said: format!("{program}: {seen}"), ..said } } else { said };
        said.on([ran.act.record.sequence])
    }
}

/// Two programs print the same, and they print something.
pub(super) fn printed_alike(evidence: Evidence<'_>, one: &str, other: &str) -> Conclusion {
    let (ours, theirs) = match (run(evidence, one), run(evidence, other)) {
        (Ok(ours), Ok(theirs)) => (ours, theirs),
        (Err(conclusion), _) | (_, Err(conclusion)) => return conclusion,
    };
    let printed = |ran: &Ran<'_>| words(&format!("{} {}", ran.stdout, ran.stderr));
    let (left, right) = (printed(&ours), printed(&theirs));
    let said = format!("{} prints `{left}`, {} prints `{right}`", ours.program(), theirs.program());
    Conclusion::either(left == right && !left.is_empty(), evidence.subject(), said)
        .on([ours.act.record.sequence, theirs.act.record.sequence])
}
