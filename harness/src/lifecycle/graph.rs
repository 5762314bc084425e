//! Who depends on whom. Construction is the only place that can fail.

use super::Restart;
use crate::definition::{Condition, Dependency};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A container as the lifecycle sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Whether the task ends with it.
    pub essential: bool,
    /// What must be before it starts.
    pub depends_on: Vec<Dependency>,
    /// Containers that must be created before it is (from `volumesFrom`).
    pub created_after: Vec<String>,
    /// How long a dependent waits for it, from its start.
    pub start_timeout: Option<Duration>,
    /// From SIGTERM to SIGKILL.
    pub stop_timeout: Duration,
    /// Whether it has a health check.
    pub has_health_check: bool,
    /// Restart policy.
    pub restart: Option<Restart>,
}

impl Default for Node {
    fn default() -> Self {
        Self {
            essential: true,
            depends_on: Vec::new(),
            created_after: Vec::new(),
            start_timeout: None,
            stop_timeout: Duration::from_secs(30),
            has_health_check: false,
            restart: None,
        }
    }
}

/// A dependency graph without cycles or unknown names.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    nodes: BTreeMap<String, Node>,
    order: Vec<String>,
}

/// A graph that no task can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// A dependency or a volume source that is not there.
    #[error("container `{container}` depends on `{missing}`, which is not in the task: correct the name")]
    Unknown {
        /// Who depends.
        container: String,
        /// On whom.
        missing: String,
    },
    /// Containers that wait for each other.
    #[error("containers wait for each other: {}: remove one of these dependencies", cycle.join(" -> "))]
    Cycle {
        /// The cycle; the first name is repeated at the end.
        cycle: Vec<String>,
    },
    /// Nothing to run.
    #[error("the task has no containers: define at least one")]
    Empty,
}

impl Graph {
    /// Checks the nodes. `listed` gives the order that is kept between containers that do not depend on each other.
    ///
    /// # Errors
    /// An unknown name, a cycle, no node at all.
    pub fn new(listed: Vec<(String, Node)>) -> Result<Self, GraphError> {
        if listed.is_empty() {
            return Err(GraphError::Empty);
        }
        let names: Vec<String> = listed.iter().map(|(name, _)| name.clone()).collect();
        let nodes: BTreeMap<String, Node> = listed.into_iter().collect();
        for (container, node) in &nodes {
            if let Some(missing) = node.needs().find(|needed| !nodes.contains_key(*needed)) {
                return Err(GraphError::Unknown {
                    container: container.clone(),
                    missing: missing.to_owned(),
                });
            }
        }
        let mut graph = Self { nodes, order: Vec::new() };
        for name in &names {
            graph.visit(name, &mut Vec::new())?;
        }
        Ok(graph)
    }

    fn visit(&mut self, name: &str, path: &mut Vec<String>) -> Result<(), GraphError> {
        if self.order.iter().any(|done| done == name) {
            return Ok(());
        }
        if let Some(start) = path.iter().position(|visited| visited == name) {
            let mut cycle = path[start..].to_vec();
            cycle.push(name.to_owned());
            return Err(GraphError::Cycle { cycle });
        }
        path.push(name.to_owned());
        let needs: Vec<String> = self.nodes[name].needs().map(str::to_owned).collect();
        for needed in needs {
            self.visit(&needed, path)?;
        }
        path.pop();
        self.order.push(name.to_owned());
        Ok(())
    }

    /// Names, each behind all that it depends on.
    #[must_use]
    pub fn order(&self) -> &[String] {
        &self.order
    }

    /// A node; names come from [`Graph::order`].
    #[must_use]
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.get(name)
    }

    /// All nodes.
    pub fn nodes(&self) -> impl Iterator<Item = (&String, &Node)> {
        self.nodes.iter()
    }

    /// Containers that must have stopped before that one is told to (`fargate.md` 2.3).
    pub fn dependents<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a String> {
        self.nodes
            .iter()
            .filter(move |(_, node)| node.needs().any(|needed| needed == name))
            .map(|(dependent, _)| dependent)
    }

    /// Containers in waves: each wave is told to stop when all before it have stopped.
    #[must_use]
    pub fn stop_waves(&self) -> Vec<Vec<String>> {
        let mut left: Vec<&String> = self.order.iter().rev().collect();
        let mut gone = BTreeSet::new();
        let mut waves = Vec::new();
        while !left.is_empty() {
            let (wave, rest): (Vec<_>, Vec<_>) = left
                .into_iter()
                .partition(|name| self.dependents(name).all(|dependent| gone.contains(dependent)));
            gone.extend(wave.iter().copied());
            waves.push(wave.into_iter().cloned().collect());
            left = rest;
        }
        waves
    }
}

impl Node {
    /// All names that it depends on, in any way.
    pub fn needs(&self) -> impl Iterator<Item = &str> {
        self.depends_on
            .iter()
            .map(|dependency| dependency.container.as_str())
            .chain(self.created_after.iter().map(String::as_str))
    }

    /// Whether it waits for the health of another.
    #[must_use]
    pub fn waits_for_health_of(&self, other: &str) -> bool {
        self.depends_on.iter().any(|d| d.container == other && d.condition == Condition::Healthy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(names: &[&str]) -> Node {
        let depends_on = names
            .iter()
            .map(|name| Dependency { container: (*name).to_owned(), condition: Condition::Start })
            .collect();
        Node { depends_on, ..Node::default() }
    }

    fn graph(nodes: &[(&str, &[&str])]) -> Result<Graph, GraphError> {
        Graph::new(nodes.iter().map(|(name, needs)| ((*name).to_owned(), on(needs))).collect())
    }

    #[test]
    fn orders_by_need_then_by_text() {
        let graph = graph(&[("web", &["side"]), ("log", &[]), ("side", &[])]).unwrap();
        assert_eq!(graph.order(), ["side", "web", "log"]);
        assert_eq!(graph.stop_waves(), [vec!["log".to_owned(), "web".to_owned()], vec!["side".to_owned()]]);
    }

    #[test]
    fn refuses_cycles_and_strangers() {
        assert_eq!(
            graph(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"])]).unwrap_err().to_string(),
            "containers wait for each other: b -> c -> b: remove one of these dependencies"
        );
        assert!(matches!(graph(&[("a", &["a"])]), Err(GraphError::Cycle { .. })));
        assert!(matches!(graph(&[("a", &["x"])]), Err(GraphError::Unknown { .. })));
        assert_eq!(graph(&[]), Err(GraphError::Empty));
    }
}
