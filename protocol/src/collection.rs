//! Collections: named scopes that rules refer to (`collection.Collection`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A named scope. A selector that is not given means everything, `["*"]`.
///
/// Fields are ANDed, the values of one field ORed, several collections of a rule ORed [PM31, COLL].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Collection {
    /// Unique name: letters, digits, `_`, `-`, `:`.
    pub name: String,
    /// Container images, as written in the task definition or in canonical long form.
    #[serde(default = "everything")]
    pub images: Vec<String>,
    /// Container names.
    #[serde(default = "everything")]
    pub containers: Vec<String>,
    /// Host names; App-Embedded Defenders ignore it since 22.06.
    #[serde(default = "everything")]
    pub hosts: Vec<String>,
    /// Workload labels.
    #[serde(default = "everything")]
    pub labels: Vec<String>,
    /// Namespaces.
    #[serde(default = "everything")]
    pub namespaces: Vec<String>,
    /// Clusters.
    #[serde(default = "everything")]
    pub clusters: Vec<String>,
    /// Functions.
    #[serde(default = "everything")]
    pub functions: Vec<String>,
    /// App IDs, `<family>:<task id>`, usually with a trailing wildcard.
    #[serde(default = "everything", rename = "appIDs")]
    pub app_ids: Vec<String>,
    /// Cloud accounts.
    #[serde(default = "everything", rename = "accountIDs")]
    pub account_ids: Vec<String>,
    /// Everything else of the schema (`description`, `color`, `owner`, `system`, `modified`, ...), kept as given.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

fn everything() -> Vec<String> {
    vec!["*".to_owned()]
}

impl Collection {
    /// A collection of that name that covers everything.
    #[must_use]
    pub fn everything(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            images: everything(),
            containers: everything(),
            hosts: everything(),
            labels: everything(),
            namespaces: everything(),
            clusters: everything(),
            functions: everything(),
            app_ids: everything(),
            account_ids: everything(),
            extra: Map::new(),
        }
    }
}
