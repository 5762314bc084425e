//! Walking a path such as `containerDefinitions[].linuxParameters.devices` through the tree.

use crate::definition::Span;
use crate::definition::json::{Node, Value};

/// A place that a path leads to.
#[derive(Debug, Clone)]
pub(super) struct Hit<'n> {
    /// The value, unless it is absent or null.
    pub node: Option<&'n Node>,
    /// The value's place, or that of the object which should have it.
    pub span: Span,
    /// The path with indices.
    pub path: String,
    /// Index of the container on the way.
    pub container: Option<usize>,
}

/// All places that a path leads to. An absent last member is a place; an absent object on the way is none.
pub(super) fn walk<'n>(root: &'n Node, path: &str) -> Vec<Hit<'n>> {
    let mut hits =
        vec![Hit { node: Some(root), span: head(root.span), path: String::new(), container: None }];
    for (index, step) in path.split('.').filter(|step| !step.is_empty()).enumerate() {
        let (key, each) = step.strip_suffix("[]").map_or((step, false), |key| (key, true));
        let is_first = index == 0;
        hits = hits.into_iter().filter(|hit| hit.node.is_some()).map(|hit| member(&hit, key)).collect();
        if each {
            hits =
                hits.iter().flat_map(|hit| items(hit, is_first && key == "containerDefinitions")).collect();
        }
    }
    hits
}

fn member<'n>(parent: &Hit<'n>, key: &str) -> Hit<'n> {
    let node = parent.node.and_then(|node| node.get(key)).filter(|node| node.value != Value::Null);
    let path = if parent.path.is_empty() { key.to_owned() } else { format!("{}.{key}", parent.path) };
    Hit { node, span: node.map_or(head(parent.span), |node| node.span), path, container: parent.container }
}

fn items<'n>(list: &Hit<'n>, of_containers: bool) -> Vec<Hit<'n>> {
    let items = list.node.map(Node::items).unwrap_or_default().iter().enumerate();
    items
        .filter(|(_, node)| node.value != Value::Null)
        .map(|(index, node)| Hit {
            node: Some(node),
            span: node.span,
            path: format!("{}[{index}]", list.path),
            container: if of_containers { Some(index) } else { list.container },
        })
        .collect()
}

/// The opening bracket stands for a whole object, which may be pages long.
fn head(span: Span) -> Span {
    Span::new(span.start, (span.start + 1).min(span.end))
}
