//! A document with its version, and the count of what was looked at.

use crate::error::ImportError;
use crate::limits::MOST_STEPS;
use crate::line::one_line;
use crate::node::Node;
use crate::place::Place;
use serde_json::Value;
use std::cell::Cell;

/// Characters that are shown of what stands in the place of a version.
const SHOWN: usize = 100;

/// Which rules a document follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// Swagger 2.
    Swagger2,
    /// OpenAPI 3.0.
    OpenApi30,
    /// OpenAPI 3.1 and later: schemas are those of JSON Schema.
    OpenApi31,
}

/// A document.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) version: Version,
    tree: Value,
    steps: Cell<usize>,
}

impl Document {
    pub(crate) fn of(tree: Value) -> Result<Self, ImportError> {
        Ok(Self { version: version(&tree)?, tree, steps: Cell::new(0) })
    }

    pub(crate) fn root(&self) -> Node<'_> {
        Node { document: self, value: &self.tree, place: Place::default() }
    }

    /// Counts one thing that is looked at.
    pub(crate) fn step(&self, place: &Place<'_>) -> Result<(), ImportError> {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > MOST_STEPS {
            let what = "schemas and references to look at";
            return Err(ImportError::TooMany { place: place.to_string(), what, limit: MOST_STEPS });
        }
        Ok(())
    }
}

fn version(tree: &Value) -> Result<Version, ImportError> {
    let unknown = |what: String| Err(ImportError::UnknownVersion(one_line(&what, SHOWN)));
    let text = |name: &str| match tree.get(name)? {
        Value::String(text) => Some(text.clone()),
        // Without quotes YAML makes a number of it.
        other => Some(other.to_string()),
    };
    if !tree.is_object() {
        return unknown("it is no object".to_owned());
    }
    match (text("openapi"), text("swagger")) {
        (Some(openapi), _) => match openapi.split('.').take(2).collect::<Vec<_>>().as_slice() {
            ["3", "0"] | ["3"] => Ok(Version::OpenApi30),
            ["3", minor] if minor.parse::<u32>().is_ok() => Ok(Version::OpenApi31),
            _ => unknown(format!("`openapi` is `{openapi}`")),
        },
        (None, Some(swagger)) if swagger == "2" || swagger.starts_with("2.") => Ok(Version::Swagger2),
        (None, Some(swagger)) => unknown(format!("`swagger` is `{swagger}`")),
        (None, None) => unknown("it has neither `openapi` nor `swagger`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn versions() {
        for (tree, expected) in [
            (json!({"openapi": "3.0.3"}), Version::OpenApi30),
            (json!({"openapi": "3.1.0"}), Version::OpenApi31),
            (json!({"openapi": "3.2.0"}), Version::OpenApi31),
            (json!({"openapi": 3.1}), Version::OpenApi31),
            (json!({"swagger": "2.0"}), Version::Swagger2),
            (json!({"swagger": 2.0}), Version::Swagger2),
        ] {
            assert_eq!(version(&tree), Ok(expected), "{tree}");
        }
        for (tree, what) in [
            (json!([]), "it is no object"),
            (json!({}), "it has neither `openapi` nor `swagger`"),
            (json!({"openapi": "4.0.0"}), "`openapi` is `4.0.0`"),
            (json!({"openapi": "3.x"}), "`openapi` is `3.x`"),
            (json!({"swagger": "1.2"}), "`swagger` is `1.2`"),
        ] {
            assert_eq!(version(&tree), Err(ImportError::UnknownVersion(what.to_owned())), "{tree}");
        }
    }
}
