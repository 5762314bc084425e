//! The same app, bare and protected.

use super::{ScenarioWorld, StepResult};
use proofhouse_reports::checks::Check;

impl ScenarioWorld {
    /// Arguments, working directory, user and group are equal.
    pub(crate) fn expect_same_description(&self, container: &str) -> StepResult {
        self.settle(&Check::SameDescription { container: container.to_owned() })
    }

    /// The environments are equal but for what must differ.
    pub(crate) fn expect_same_environment(&self) -> StepResult {
        self.settle(&Check::SameEnvironment {})
    }

    /// Both outputs have the same lines.
    pub(crate) fn expect_same_output(&self, container: &str) -> StepResult {
        self.settle(&Check::SameOutput { container: container.to_owned() })
    }

    /// Both runs ended with that code.
    pub(crate) fn expect_both_exited(&self, container: &str, code: i64) -> StepResult {
        self.settle(&Check::BothExited { container: container.to_owned(), code })
    }
}
