//! The ways on which evidence travels. What is absent at the end of one is proved absent by a fence of that one.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A way on which evidence travels from where it is made to the history.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "snake_case")]
pub enum Pipeline {
    /// Audits, over the Defender link.
    Audits,
    /// Questions of a container at a DNS server outside.
    Questions {
        /// Container.
        container: String,
    },
    /// Requests at the app behind a port of the task.
    AppRequests {
        /// Port at which the outside asks.
        port: u16,
    },
    /// Requests of the task at a service outside.
    ServiceRequests {
        /// Name of the service.
        service: String,
    },
    /// What the engine tells of a container.
    EngineEvents {
        /// Container.
        container: String,
    },
    /// Calls of the Console's REST API.
    ConsoleCalls,
    /// Connections from the task to an address outside.
    OutsideConnections {
        /// Address and port.
        server: String,
    },
    /// What a container writes.
    Logs {
        /// Container.
        container: String,
    },
    /// Anything that the relay carries between the task and the outside.
    Relay,
}

/// How far a fence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FencePhase {
    /// It went in.
    Sent,
    /// It has come out.
    Passed,
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Audits => f.write_str("the audits"),
            Self::Questions { container } => write!(f, "the questions of \"{container}\""),
            Self::AppRequests { port } => write!(f, "the requests behind port {port}"),
            Self::ServiceRequests { service } => write!(f, "the requests at \"{service}\""),
            Self::EngineEvents { container } => write!(f, "the engine's events of \"{container}\""),
            Self::ConsoleCalls => f.write_str("the calls of the Console"),
            Self::OutsideConnections { server } => write!(f, "the connections to {server}"),
            Self::Logs { container } => write!(f, "the log of \"{container}\""),
            Self::Relay => f.write_str("the relay of the task's network"),
        }
    }
}
