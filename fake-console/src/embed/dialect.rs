//! Two spellings of the same task definition.

/// How members are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// ECS JSON: `entryPoint`.
    Native,
    /// CloudFormation: `EntryPoint`.
    CloudFormation,
}

impl Dialect {
    /// Spelling of a member that is given in its native form.
    pub(super) fn key(self, native: &str) -> String {
        match self {
            Self::Native => native.to_owned(),
            Self::CloudFormation => proofhouse_protocol::spelling::of_cloudformation(native),
        }
    }
}
