//! Walking a path such as `containerDefinitions[].linuxParameters.devices` through a definition.

use crate::definition::tree::{Node, Value};
use crate::definition::{Dialect, Span, TaskDefinition};

/// A place that a path leads to.
#[derive(Debug, Clone)]
pub(super) struct Hit<'n> {
    /// The value, unless it is absent or null.
    pub node: Option<&'n Node>,
    /// The value's place, or that of the object which should have it.
    pub span: Span,
    /// The key's place, for a value that fills lines.
    pub key_span: Option<Span>,
    /// The path with indices, as the user's text spells it.
    pub path: String,
    /// Index of the container on the way.
    pub container: Option<usize>,
}

impl<'n> Hit<'n> {
    /// The definition itself.
    pub fn root(definition: &'n TaskDefinition) -> Self {
        let root = definition.root();
        let path = definition.path().to_owned();
        Self { node: Some(root), span: root.span.head(), key_span: None, path, container: None }
    }

    /// A member of the object at this place; `written` where it is there and not null.
    pub fn member(&self, key: &str, dialect: Dialect) -> Self {
        let found = self.node.and_then(|node| node.member(key));
        let found = found.filter(|member| member.node.value != Value::Null);
        let key = found.map_or_else(|| dialect.spelling(key), |member| member.written.clone());
        Self {
            node: found.map(|member| &member.node),
            span: found.map_or(self.span.head(), |member| member.node.span),
            key_span: found.map(|member| member.key_span),
            path: self.below(&key),
            container: self.container,
        }
    }

    /// The items of the list at this place, without nulls.
    pub fn items(&self) -> Vec<Self> {
        let items = self.node.map(Node::items).unwrap_or_default().iter().enumerate();
        items
            .filter(|(_, node)| node.value != Value::Null)
            .map(|(index, node)| Self {
                node: Some(node),
                span: node.span,
                key_span: Some(node.span.head()),
                path: format!("{}[{index}]", self.path),
                container: self.container,
            })
            .collect()
    }

    /// The path of a member, spelled as given.
    pub fn below(&self, written: &str) -> String {
        if self.path.is_empty() { written.to_owned() } else { format!("{}.{written}", self.path) }
    }

    fn is_object(&self) -> bool {
        self.node.is_some_and(|node| matches!(node.value, Value::Object(_)))
    }
}

/// All places that a path leads to. An absent last member is a place; an absent object on the way is none, and nor is what
/// stands in the place of an object.
pub(super) fn walk<'n>(definition: &'n TaskDefinition, path: &str) -> Vec<Hit<'n>> {
    let dialect = definition.dialect();
    let mut hits = vec![Hit::root(definition)];
    for (index, step) in path.split('.').filter(|step| !step.is_empty()).enumerate() {
        let (key, each) = step.strip_suffix("[]").map_or((step, false), |key| (key, true));
        let of_containers = index == 0 && key == "containerDefinitions";
        hits = hits.into_iter().filter(Hit::is_object).map(|hit| hit.member(key, dialect)).collect();
        if each {
            hits = hits.iter().flat_map(|hit| in_containers(hit.items(), of_containers)).collect();
        }
    }
    hits
}

/// Items of the list of containers know which one they are.
pub(super) fn in_containers(items: Vec<Hit<'_>>, of_containers: bool) -> Vec<Hit<'_>> {
    let number = |hit: &Hit<'_>| hit.path.rsplit_once('[')?.1.trim_end_matches(']').parse().ok();
    items
        .into_iter()
        .map(|hit| Hit { container: if of_containers { number(&hit) } else { hit.container }, ..hit })
        .collect()
}
