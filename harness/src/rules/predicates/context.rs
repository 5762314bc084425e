//! What a question may look at.

use crate::definition::tree::{Node, Value};
use crate::definition::{ContainerDefinition, TaskDefinition};
use crate::rules::model::Problem;
use crate::rules::path::Hit;
use crate::rules::{Date, Table};

/// What a question may look at.
pub(crate) struct Context<'a> {
    pub table: &'a Table,
    pub definition: &'a TaskDefinition,
    pub date: Date,
    pub problems: &'a [Problem<'a>],
}

impl<'a> Context<'a> {
    /// A member of the task, unless it is absent or null.
    pub fn member(&self, key: &str) -> Option<&'a Node> {
        self.definition.root().get(key).filter(|node| node.value != Value::Null)
    }

    /// The containers in the text.
    pub fn containers(&self) -> impl Iterator<Item = &'a Node> {
        let items = self.member("containerDefinitions").map(Node::items).unwrap_or_default();
        items.iter().filter(|node| matches!(node.value, Value::Object(_)))
    }

    /// The container at a place, as it was read.
    pub fn container(&self, hit: &Hit<'_>) -> Option<&'a ContainerDefinition> {
        container_of(self.definition, hit)
    }

    /// The container at a place, in the text.
    pub fn node_of(&self, hit: &Hit<'_>) -> Option<&'a Node> {
        self.member("containerDefinitions")?.items().get(hit.container?)
    }

    /// The container of a name.
    pub fn container_named(&self, name: &str) -> Option<&'a Node> {
        self.containers().find(|node| node.get("name").and_then(Node::text) == Some(name))
    }

    /// Names in a list of the task; none while one of them is not known.
    pub fn names(&self, list: &str) -> Option<Vec<&'a str>> {
        let Some(list) = self.member(list) else { return Some(Vec::new()) };
        if list.is_open() || list.items().iter().any(Node::is_open) {
            return None;
        }
        let names = list.items().iter().filter_map(|item| item.get("name"));
        names.map(|name| name.text().filter(|_| !name.is_open())).collect()
    }
}

/// The container at a place, as it was read: only objects were.
pub(crate) fn container_of<'a>(
    definition: &'a TaskDefinition,
    hit: &Hit<'_>,
) -> Option<&'a ContainerDefinition> {
    let items = definition.root().get("containerDefinitions").map(Node::items).unwrap_or_default();
    let before = items.get(..hit.container?)?;
    let read = before.iter().filter(|node| matches!(node.value, Value::Object(_))).count();
    definition.containers.get(read)
}

/// The text of a member, unless it is not known yet.
pub(super) fn named<'n>(hit: &Hit<'n>, key: &str) -> Option<&'n str> {
    let node = hit.node?.get(key)?;
    node.text().filter(|_| !node.is_open())
}

/// Whether a member is there and says something; what is not known yet does.
pub(super) fn is_given(node: &Node, key: &str) -> bool {
    node.get(key).is_some_and(|member| !member.is_void() && member.text() != Some(""))
}
