//! The closed sets of words that observations are made of, each defined once.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Who saw it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The runner: steps, stimuli, checks.
    Runner,
    /// The Console.
    Console,
    /// The VPC resolver.
    Resolver,
    /// The metadata and credentials service.
    Metadata,
    /// A host or client of the outside world, by name or address.
    Outside(String),
    /// The container engine.
    Engine,
    /// The simulated Fargate: its rules, its record of the task.
    Fargate,
    /// A container, by its name in the task definition.
    Container(String),
    /// The actor in a container.
    Actor(String),
}

/// How a question or a connection travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}

/// The two kinds of audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Plane {
    /// Processes, network, file system.
    Runtime,
    /// WAAS.
    Firewall,
}

/// What happened to a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContainerHappening {
    /// The engine has made it.
    Created,
    /// Its first process runs.
    Started,
    /// It could not be made or started.
    Failed,
    /// Its health check succeeded.
    Healthy,
    /// Its health check failed as often as it may.
    Unhealthy,
    /// It was sent a signal, which the detail names.
    Signalled,
    /// Its first process has ended.
    Exited,
    /// The engine has taken it away.
    Removed,
}

/// Which of its two outputs a program wrote to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// How a step of a scenario ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// It did what it says, and the check that it made holds.
    Passed,
    /// The check that it made does not hold.
    Failed,
    /// It could not be carried out.
    Error,
    /// A step before it did not pass.
    Skipped,
    /// No step means the text.
    Undefined,
}

/// Who broke what a check looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// What is tested.
    Defender,
    /// The simulated Fargate: rules, order, records, network.
    Fargate,
    /// The Console: API, embed, link.
    Console,
    /// The harness itself.
    Harness,
}

/// What kind of problem a run as a whole has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemKind {
    /// Known failures that have expired, or are for no scenario.
    Expectations,
    /// The machine, the engine.
    Environment,
    /// Something was left behind.
    Leak,
    /// The history is not complete.
    History,
}

/// Which run of a definition a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// As the definition has it.
    Bare,
    /// As the Console embeds it.
    Protected,
}

/// Which version of the scenario's definition a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefinitionRole {
    /// As the scenario has it.
    Original,
    /// As the Console embedded it.
    Embedded,
    /// As DescribeTaskDefinition would answer it.
    Described,
}

// ---------------------------------------------------------------------------------------------------------------------

macro_rules! words {
    ($($type:ident { $($variant:ident => $word:literal),+ $(,)? })+) => {$(
        impl $type {
            /// The word for it, in messages and in the history.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    )+};
}

words! {
    Transport { Udp => "UDP", Tcp => "TCP" }
    Plane { Runtime => "runtime", Firewall => "firewall" }
    ContainerHappening {
        Created => "created", Started => "started", Failed => "failed", Healthy => "healthy", Unhealthy => "unhealthy",
        Signalled => "signalled", Exited => "exited", Removed => "removed",
    }
    LogStream { Stdout => "stdout", Stderr => "stderr" }
    StepStatus { Passed => "passed", Failed => "failed", Error => "error", Skipped => "skipped", Undefined => "undefined" }
    Blame { Defender => "the Defender", Fargate => "the simulated Fargate", Console => "the Console", Harness => "the harness" }
    TaskKind { Bare => "bare", Protected => "protected" }
    DefinitionRole { Original => "original", Embedded => "embedded", Described => "described" }
}
