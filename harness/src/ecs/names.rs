//! Names of clusters, tasks and task definitions, short and as ARNs.

use crate::plan::uuid;

/// Account that stands for the user's; AWS keeps it for examples.
pub const ACCOUNT: &str = "123456789012";

/// Name of the one cluster.
pub const CLUSTER: &str = "proofhouse";

/// Name that the API takes where a request names no cluster; it stands for the same one.
const DEFAULT_CLUSTER: &str = "default";

/// Who makes ARNs of a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    region: String,
}

/// A task definition as requests name it: a family, its latest revision meant, or one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskDefinitionName {
    /// Family.
    pub family: String,
    /// Revision, from 1.
    pub revision: Option<i64>,
}

impl Names {
    /// Names in a region such as `us-east-1`.
    #[must_use]
    pub fn new(region: &str) -> Self {
        Self { region: region.to_owned() }
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    fn arn(&self, what: &str) -> String {
        format!("arn:aws:ecs:{}:{ACCOUNT}:{what}", self.region)
    }

    /// ARN of the cluster.
    #[must_use]
    pub fn cluster(&self) -> String {
        self.arn(&format!("cluster/{CLUSTER}"))
    }

    /// ARN of a task.
    #[must_use]
    pub fn task(&self, id: &str) -> String {
        self.arn(&format!("task/{CLUSTER}/{id}"))
    }

    /// ARN of a container of a task.
    #[must_use]
    pub fn container(&self, task: &str, container: &str) -> String {
        self.arn(&format!("container/{CLUSTER}/{task}/{}", uuid(&format!("container/{task}/{container}"))))
    }

    /// ARN of a revision of a task definition.
    #[must_use]
    pub fn task_definition(&self, family: &str, revision: i64) -> String {
        self.arn(&format!("task-definition/{family}:{revision}"))
    }

    /// Whether a request means the one cluster: by its name, by `default`, by the ARN of either, or by saying nothing.
    #[must_use]
    pub fn is_cluster(&self, name: Option<&str>) -> bool {
        name.is_none_or(|name| {
            let name = resource(name, "cluster/").unwrap_or(name);
            name == CLUSTER || name == DEFAULT_CLUSTER
        })
    }
}

impl TaskDefinitionName {
    /// Reads `web`, `web:3`, or the ARN of `web:3`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, is_arn) = match resource(text, "task-definition/") {
            Some(name) => (name, true),
            None => (text, false),
        };
        let (family, revision) = match name.split_once(':') {
            Some((family, revision)) => (family, Some(number(revision)?)),
            None if is_arn => return None,
            None => (name, None),
        };
        is_name(family).then(|| Self { family: family.to_owned(), revision })
    }
}

/// Id of a task, given so or as an ARN, with or without the cluster in it; `None` for anything else.
#[must_use]
pub fn task_id(text: &str) -> Option<&str> {
    let id = resource(text, "task/").map_or(text, |path| path.rsplit('/').next().unwrap_or(path));
    (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(id)
}

/// What an ARN of ECS names, behind the kind of thing it is.
fn resource<'t>(text: &'t str, kind: &str) -> Option<&'t str> {
    let mut parts = text.splitn(6, ':');
    let is_ecs = parts.next() == Some("arn") && parts.next().is_some() && parts.next() == Some("ecs");
    let what = parts.nth(2).filter(|_| is_ecs)?;
    what.strip_prefix(kind)
}

fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number > 0)
}

/// Letters, digits, `_` and `-`, at most 255 (`fargate.md` 1.1).
fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn clusters_are_one() {
        let names = Names::new("us-east-1");
        for one in ["proofhouse", "default", "arn:aws:ecs:eu-west-1:123456789012:cluster/default"] {
            assert!(names.is_cluster(Some(one)), "{one}");
        }
        assert!(names.is_cluster(None) && names.is_cluster(Some(&names.cluster())));
        for other in
            ["", "prod", "arn:aws:ecs:us-east-1:123456789012:cluster/prod", "arn:aws:s3:a:b:cluster/default"]
        {
            assert!(!names.is_cluster(Some(other)), "{other}");
        }
    }

    #[test]
    fn what_names_no_task_definition_is_refused() {
        for text in [
            "",
            ":1",
            "web:",
            "web:0",
            "web:-1",
            "web:+1",
            "web:1:2",
            "a b",
            "arn:aws:ecs:r:1:task-definition/web",
            "arn:aws:ecs:r:1:task/web:1",
            "web:99999999999999999999",
        ] {
            assert_eq!(TaskDefinitionName::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_task_is_named_by_its_id_or_an_arn() {
        let id = "0123456789abcdef0123456789abcdef";
        let names = Names::new("us-east-1");
        for text in [id, &names.task(id), &format!("arn:aws:ecs:us-east-1:123456789012:task/{id}")] {
            assert_eq!(task_id(text), Some(id), "{text}");
        }
        for text in ["", "web", &id[1..], &names.task("x"), &format!("arn:aws:ecs:r:1:container/{id}")] {
            assert_eq!(task_id(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn definitions_come_back(family in "[A-Za-z0-9_-]{1,40}", revision in 1..i64::MAX, region in "[a-z0-9-]{1,20}") {
            let whole = Some(TaskDefinitionName { family: family.clone(), revision: Some(revision) });
            let arn = Names::new(&region).task_definition(&family, revision);
            prop_assert_eq!(TaskDefinitionName::parse(&arn), whole.clone());
            prop_assert_eq!(TaskDefinitionName::parse(&format!("{family}:{revision}")), whole);
            prop_assert_eq!(TaskDefinitionName::parse(&family), Some(TaskDefinitionName { family, revision: None }));
        }

        #[test]
        fn any_text_is_refused_or_a_name(text in "\\PC*") {
            if let Some(name) = TaskDefinitionName::parse(&text) {
                prop_assert!(text.contains(&name.family));
            }
            prop_assert!(task_id(&text).is_none_or(|id| text.ends_with(id)));
        }
    }
}
