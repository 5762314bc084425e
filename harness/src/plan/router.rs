//! The order that a log router brings with it, although the definition does not say so (`fargate.md` 7 row 102).

use crate::definition::{Condition, Dependency, TaskDefinition};
use crate::lifecycle::Node;
use std::collections::BTreeMap;

/// A container that logs through the router, and what becomes of its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behind {
    /// It starts when the router has started, and the router is told to stop when it has stopped.
    Added,
    /// The router waits for it, in one way or another: the order would close a circle, and is left out.
    LeftOut,
}

/// Adds to each container that logs through the router a START dependency on it, unless a dependency on it is written or the
/// router waits for that container. What became of each is told, by its name.
///
/// The agent for EC2 leaves out all of them once the router waits for anybody (aws/amazon-ecs-agent#2147); that Fargate leaves out
/// only what would close a circle is a declared choice.
pub(super) fn order(definition: &TaskDefinition, nodes: &mut [(String, Node)]) -> BTreeMap<String, Behind> {
    let mut behind = BTreeMap::new();
    let Some(router) = definition.log_router().map(|router| router.name.clone()) else { return behind };
    for container in definition.behind_log_router() {
        let what = if waits_for(nodes, &router, &container.name) { Behind::LeftOut } else { Behind::Added };
        if what == Behind::Added
            && let Some((_, node)) = nodes.iter_mut().find(|(name, _)| *name == container.name)
        {
            node.depends_on.push(Dependency { container: router.clone(), condition: Condition::Start });
        }
        behind.insert(container.name.clone(), what);
    }
    behind
}

/// Whether one waits for another, over any number of others.
fn waits_for(nodes: &[(String, Node)], one: &str, other: &str) -> bool {
    let mut open = vec![one];
    let mut seen = Vec::new();
    while let Some(name) = open.pop() {
        if name == other {
            return true;
        }
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let node = nodes.iter().find(|(own, _)| own == name).map(|(_, node)| node);
        open.extend(node.into_iter().flat_map(Node::needs));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labels::RunLabels;
    use crate::plan::{Plan, PlanOptions};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn plan(containers: Value) -> Plan {
        let text = json!({"family": "x", "containerDefinitions": containers}).to_string();
        let definition = TaskDefinition::parse("x.json", &text).unwrap();
        Plan::new(&definition, &PlanOptions::new(RunLabels::new("r", "s"), "world:1")).unwrap()
    }

    fn started(plan: &Plan) -> Vec<(&str, &str)> {
        plan.containers.iter().map(|one| (one.name.as_str(), one.started.as_str())).collect()
    }

    fn through() -> Value {
        json!({"logDriver": "awsfirelens"})
    }

    #[test]
    fn the_router_is_first_up_and_last_down() {
        let plan = plan(json!([
            {"name": "app", "image": "i", "logConfiguration": through()},
            {"name": "other", "image": "i"},
            {"name": "router", "image": "i", "firelensConfiguration": {"type": "fluentbit"}, "logConfiguration": through()},
        ]));
        let behind = "when router has started (START, because it logs through it)";
        assert_eq!(started(&plan), [("router", "when created"), ("app", behind), ("other", "when created")]);
        assert_eq!(plan.stop_order.last().unwrap(), &["router"]);
    }

    #[test]
    fn a_written_order_stays_as_it_is() {
        let plan = plan(json!([
            {"name": "app", "image": "i", "logConfiguration": through(), "dependsOn": [{"containerName": "router", "condition": "HEALTHY"}]},
            {"name": "router", "image": "i", "firelensConfiguration": {"type": "fluentbit"}},
        ]));
        assert_eq!(started(&plan)[1], ("app", "when router is healthy (HEALTHY)"));
        assert_eq!(plan.graph().node("app").unwrap().depends_on.len(), 1);
    }

    #[test]
    fn what_would_close_a_circle_is_left_out_and_told() {
        let plan = plan(json!([
            {"name": "app", "image": "i", "logConfiguration": through()},
            {"name": "migrate", "image": "i", "essential": false, "logConfiguration": through()},
            {"name": "between", "image": "i", "dependsOn": [{"containerName": "migrate", "condition": "SUCCESS"}]},
            {"name": "router", "image": "i", "firelensConfiguration": {"type": "fluentbit"}, "volumesFrom": [{"sourceContainer": "between"}]},
        ]));
        let names: Vec<_> = plan.containers.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["migrate", "between", "router", "app"]);
        let notes: Vec<_> =
            plan.notes.iter().map(|note| (note.container.as_str(), note.text.as_str())).collect();
        let text = "it logs through router, which waits for it: its order behind it is left out, and lines from before are lost";
        assert_eq!(notes, [("migrate", text)]);
    }

    proptest! {
        /// Whatever waits for whatever without a circle, none comes with the router.
        #[test]
        fn no_circle_is_ever_closed(
            waits in prop::collection::vec((0usize..6, 0usize..6), 0..12),
            users in prop::collection::vec(any::<bool>(), 6),
            at in 0usize..6,
        ) {
            let containers: Vec<Value> = (0..6).map(|index| {
                let on: Vec<_> = waits.iter().filter(|(later, earlier)| *later == index && earlier < later)
                    .map(|(_, earlier)| json!({"containerName": format!("c{earlier}"), "condition": "START"})).collect();
                let mut container = json!({"name": format!("c{index}"), "image": "i", "dependsOn": on});
                if users[index] {
                    container["logConfiguration"] = through();
                }
                if index == at {
                    container["firelensConfiguration"] = json!({"type": "fluentbit"});
                }
                container
            }).collect();
            let plan = plan(json!(containers));
            let router = format!("c{at}");
            for index in (0..6).filter(|index| users[*index] && *index != at) {
                let name = format!("c{index}");
                let place = |name: &str| plan.containers.iter().position(|one| one.name == name).unwrap();
                let told = plan.notes.iter().any(|note| note.container == name);
                prop_assert!(told || place(&router) < place(&name), "{}", plan);
            }
        }
    }
}
