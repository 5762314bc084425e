//! The names that an embed gives to what it adds.

use serde::{Deserialize, Serialize};

/// What an embed calls its sidecar, and what it puts before an entry point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedNames {
    /// Name of the sidecar container.
    pub sidecar: String,
    /// Elements that stand before the original entry point; at least one.
    pub wrapper: Vec<String>,
}

/// The published ones [CFT30; `runtime-and-embed.md` 4.1].
impl Default for EmbedNames {
    fn default() -> Self {
        Self {
            sidecar: "TwistlockDefender".to_owned(),
            wrapper: ["/var/lib/twistlock/fargate/defender", "fargate", "entrypoint"]
                .map(str::to_owned)
                .to_vec(),
        }
    }
}

impl EmbedNames {
    /// Whether they are the published ones.
    #[must_use]
    pub fn is_published(&self) -> bool {
        *self == Self::default()
    }
}
