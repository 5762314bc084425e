//! What a request asks for, by its `X-Amz-Target` header.

use super::{ApiError, ErrorKind};
use std::fmt;

const SERVICE: &str = "AmazonEC2ContainerServiceV20141113";

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the API")]
pub enum Operation {
    RegisterTaskDefinition,
    DescribeTaskDefinition,
    DeregisterTaskDefinition,
    ListTaskDefinitions,
    RunTask,
    DescribeTasks,
    ListTasks,
    StopTask,
    ExecuteCommand,
    DescribeClusters,
    ListClusters,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::RegisterTaskDefinition,
        Self::DescribeTaskDefinition,
        Self::DeregisterTaskDefinition,
        Self::ListTaskDefinitions,
        Self::RunTask,
        Self::DescribeTasks,
        Self::ListTasks,
        Self::StopTask,
        Self::ExecuteCommand,
        Self::DescribeClusters,
        Self::ListClusters,
    ];

    /// Reads the header.
    ///
    /// # Errors
    /// `UnknownOperationException` for an operation, a service or a version that is not served, and without a header.
    pub fn of(target: Option<&str>) -> Result<Self, ApiError> {
        let unknown = |words: String| ApiError::new(ErrorKind::UnknownOperation, words);
        let target = target.ok_or_else(|| unknown("the request has no X-Amz-Target header".to_owned()))?;
        let named = target.split_once('.').filter(|(service, _)| *service == SERVICE);
        let found = named.and_then(|(_, name)| Self::ALL.into_iter().find(|one| one.to_string() == name));
        found.ok_or_else(|| {
            let all = Self::ALL.map(|one| one.to_string()).join(", ");
            unknown(format!("'{target}' is not served here: there are {all}, of {SERVICE}"))
        })
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_operation_has_its_target() {
        for operation in Operation::ALL {
            assert_eq!(Operation::of(Some(&format!("{SERVICE}.{operation}"))), Ok(operation));
        }
    }

    #[test]
    fn what_is_not_served_is_unknown() {
        for target in [
            None,
            Some("RunTask"),
            Some("AmazonEC2ContainerServiceV20141113.CreateService"),
            Some("DynamoDB_20120810.RunTask"),
            Some("AmazonEC2ContainerServiceV20141113.runtask"),
        ] {
            assert_eq!(Operation::of(target).unwrap_err().kind, ErrorKind::UnknownOperation, "{target:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_unknown_or_an_operation(text in "\\PC*") {
            match Operation::of(Some(&text)) {
                Ok(operation) => prop_assert!(text.ends_with(&operation.to_string())),
                Err(error) => prop_assert!(error.message.contains(&text)),
            }
        }
    }
}
