//! What is tried in a task, as far as a policy decides on it.

use crate::{Container, Links, Start, Verdict, judge_question, judge_start};
use proofhouse_protocol::{RuntimePolicy, Semantics};
use serde::{Deserialize, Serialize};

/// A program that something starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launched {
    /// As [`Start::executable`].
    pub executable: String,
    /// As [`Start::names`].
    pub names: Vec<String>,
    /// As [`Start::multi_call`].
    #[serde(default)]
    pub multi_call: bool,
    /// As [`Start::modified`].
    #[serde(default)]
    pub modified: bool,
    /// As [`Start::altered`].
    #[serde(default)]
    pub altered: bool,
}

/// One thing that a policy decides on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    /// A program is started.
    Start(Launched),
    /// A name is asked for.
    Question(String),
}

/// How a program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// With a code.
    Exited(i32),
    /// By a signal.
    Signalled(i32),
}

/// What a trial comes to where nothing is against it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A program prints this, apart from white space around it, and ends so.
    Prints {
        /// Standard output.
        text: String,
        /// End.
        ending: Ending,
    },
    /// A question is answered with these addresses, in any order.
    Answers {
        /// Addresses.
        addresses: Vec<String>,
    },
}

/// A deed, and what is decided on it.
#[derive(Debug, Clone)]
pub struct Decision<'a> {
    /// The deed.
    pub deed: &'a Deed,
    /// What comes of it.
    pub verdict: Verdict,
}

/// What comes of deeds of which each is the doing of the one before it: behind one that does not happen there are none.
#[must_use]
pub fn decide<'a>(
    policy: &RuntimePolicy,
    container: &Container<'_>,
    deeds: &'a [Deed],
    links: &Links<'_>,
    semantics: &Semantics,
) -> Vec<Decision<'a>> {
    let mut decisions = Vec::new();
    for deed in deeds {
        let verdict = decide_one(policy, container, deed, links, semantics);
        let happens = verdict.happens;
        decisions.push(Decision { deed, verdict });
        if !happens {
            break;
        }
    }
    decisions
}

/// What comes of one deed.
#[must_use]
pub fn decide_one(
    policy: &RuntimePolicy,
    container: &Container<'_>,
    deed: &Deed,
    links: &Links<'_>,
    semantics: &Semantics,
) -> Verdict {
    match deed {
        Deed::Start(launched) => {
            let names: Vec<&str> = launched.names.iter().map(String::as_str).collect();
            let start = Start {
                executable: &launched.executable,
                names: &names,
                multi_call: launched.multi_call,
                modified: launched.modified,
                altered: launched.altered,
                entry_point: false,
            };
            judge_start(policy, container, &start, links, semantics)
        }
        Deed::Question(name) => judge_question(policy, container, name, semantics),
    }
}
