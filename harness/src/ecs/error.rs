//! How ECS refuses: a class, which clients branch on, and words.

use serde_json::{Value, json};
use std::fmt;

/// Class of a refusal: `__type` of the JSON protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A request that was sent to another host than this machine.
    AccessDenied,
    /// The caller's mistake, in general.
    Client,
    /// No such cluster.
    ClusterNotFound,
    /// A client token that was used for another request.
    Conflict,
    /// An `Authorization` header that is not whole.
    IncompleteSignature,
    /// A parameter that cannot be.
    InvalidParameter,
    /// No `Authorization` header.
    MissingAuthenticationToken,
    /// No such platform version.
    PlatformUnknown,
    /// A body that is not JSON, or has a value of another type than the API's.
    Serialization,
    /// The simulation failed.
    Server,
    /// No such service.
    ServiceNotFound,
    /// Nothing in the task takes commands.
    TargetNotConnected,
    /// No such operation.
    UnknownOperation,
}

impl ErrorKind {
    /// Whether the server is at fault, and not the caller.
    #[must_use]
    pub fn is_ours(self) -> bool {
        self == Self::Server
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessDenied => "AccessDeniedException",
            Self::Client => "ClientException",
            Self::ClusterNotFound => "ClusterNotFoundException",
            Self::Conflict => "ConflictException",
            Self::IncompleteSignature => "IncompleteSignatureException",
            Self::InvalidParameter => "InvalidParameterException",
            Self::MissingAuthenticationToken => "MissingAuthenticationTokenException",
            Self::PlatformUnknown => "PlatformUnknownException",
            Self::Serialization => "SerializationException",
            Self::Server => "ServerException",
            Self::ServiceNotFound => "ServiceNotFoundException",
            Self::TargetNotConnected => "TargetNotConnectedException",
            Self::UnknownOperation => "UnknownOperationException",
        })
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct ApiError {
    /// Class.
    pub kind: ErrorKind,
    /// Words.
    pub message: String,
}

impl ApiError {
    /// A refusal of that class.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// A `ClientException`.
    pub fn client(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Client, message)
    }

    /// An `InvalidParameterException`.
    pub fn parameter(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidParameter, message)
    }

    /// HTTP status: 400, or 500 where the simulation is at fault.
    #[must_use]
    pub fn status(&self) -> u16 {
        if self.kind.is_ours() { 500 } else { 400 }
    }

    /// Body, as clients read it.
    #[must_use]
    pub fn body(&self) -> Value {
        json!({"__type": self.kind.to_string(), "message": self.message})
    }
}
