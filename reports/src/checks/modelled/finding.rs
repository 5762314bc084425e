//! Something that is not as the model says.

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingKind {
    /// Something happened that was to be prevented.
    Happened,
    /// Something did not happen that nothing was against.
    DidNotHappen,
    /// It came to something else than it does without a Defender.
    CameToSomethingElse,
    /// A request did not reach the app as it was sent.
    Altered,
    /// The lines of a header of an answer, by its name in small letters, are others.
    HeaderOfAnswer(String),
    /// A question reached a server outside that was to be prevented.
    Leaked,
    /// A question that was answered never reached a server outside.
    NotAsked,
    /// Who asked for a prevented name did not know so in time.
    Late,
    /// An audit is missing.
    AuditMissing,
    /// An audit is one too many.
    AuditUnexpected,
    /// A member of an audit says something that is not so.
    AuditSays(&'static str),
}

/// Something that is not as the model says.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Stimulus, where one is to be named.
    pub token: Option<String>,
    /// What is wrong.
    pub kind: FindingKind,
    /// In words.
    pub said: String,
    /// Clauses by which the model decided.
    pub clauses: Vec<&'static str>,
    /// Numbers of the records that it stands on.
    pub on: Vec<u64>,
}
