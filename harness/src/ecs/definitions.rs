//! Registered task definitions: a family has revisions, which never change.

use super::page::{Paging, page};
use super::{ApiError, Names, TaskDefinitionName};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// All families.
#[derive(Debug, Default)]
pub(super) struct Definitions(BTreeMap<String, Vec<Revision>>);

/// One revision.
#[derive(Debug, Clone)]
pub(super) struct Revision {
    /// Family.
    pub family: String,
    /// From 1.
    pub number: i64,
    /// Whether it is ACTIVE, and not INACTIVE.
    pub active: bool,
    /// As describing shows it.
    pub document: Value,
    /// Tags, which are told beside it.
    pub tags: Vec<Value>,
}

impl Definitions {
    /// Keeps a definition that was judged and written out, as the next revision of its family. `at` is in seconds since 1970.
    pub fn register(
        &mut self,
        names: &Names,
        mut whole: Map<String, Value>,
        tags: Vec<Value>,
        by: &str,
        at: f64,
    ) -> Revision {
        let family = whole.get("family").and_then(Value::as_str).unwrap_or_default().to_owned();
        let revisions = self.0.entry(family.clone()).or_default();
        let number = revisions.last().map_or(1, |last| last.number + 1);
        let required = whole.get("requiresCompatibilities").and_then(Value::as_array);
        let mut compatible = required.cloned().unwrap_or_else(|| vec![json!("EC2")]);
        if !compatible.contains(&json!("FARGATE")) {
            compatible.push(json!("FARGATE"));
        }
        let answered = [
            ("taskDefinitionArn", json!(names.task_definition(&family, number))),
            ("revision", json!(number)),
            ("status", json!("ACTIVE")),
            ("compatibilities", json!(compatible)),
            ("registeredAt", json!(at)),
            ("registeredBy", json!(by)),
        ];
        whole.extend(answered.map(|(member, value)| (member.to_owned(), value)));
        let revision = Revision { family, number, active: true, document: Value::Object(whole), tags };
        revisions.push(revision.clone());
        revision
    }

    /// The revision that is named, or the latest one that is active.
    pub fn find(&self, name: &str) -> Option<&Revision> {
        let TaskDefinitionName { family, revision } = TaskDefinitionName::parse(name)?;
        let revisions = self.0.get(&family)?;
        match revision {
            Some(number) => revisions.iter().find(|one| one.number == number),
            None => revisions.iter().rev().find(|one| one.active),
        }
    }

    /// Makes a revision INACTIVE. It can still be described, but no longer run.
    pub fn deregister(&mut self, name: &str, at: f64) -> Result<Revision, ApiError> {
        let unknown = || ApiError::client("The specified task definition does not exist.");
        let TaskDefinitionName { family, revision } = TaskDefinitionName::parse(name).ok_or_else(unknown)?;
        let number = revision.ok_or_else(|| {
            ApiError::client(format!("'{name}' has no revision: name one, such as '{family}:1'"))
        })?;
        let revisions = self.0.get_mut(&family).ok_or_else(unknown)?;
        let revision = revisions.iter_mut().find(|one| one.number == number).ok_or_else(unknown)?;
        if revision.active {
            revision.active = false;
            revision.document["status"] = json!("INACTIVE");
            revision.document["deregisteredAt"] = json!(at);
        }
        Ok(revision.clone())
    }

    /// ARNs of all, of a family, of a status.
    pub fn list(&self, family: Option<&str>, active: bool, paging: &Paging<'_>) -> Result<Value, ApiError> {
        let all = self.0.values().flatten();
        let chosen =
            all.filter(|one| one.active == active && family.is_none_or(|family| family == one.family));
        let arn = |one: &Revision| one.document["taskDefinitionArn"].as_str().unwrap_or_default().to_owned();
        // The end of a family sorts before every letter that another family goes on with.
        let items = chosen.map(|one| (format!("{}!{:019}", one.family, one.number), arn(one))).collect();
        page("taskDefinitionArns", items, paging)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Definitions {
        let mut definitions = Definitions::default();
        for family in ["web", "web", "api", "web-api"] {
            let whole = json!({"family": family}).as_object().unwrap().clone();
            definitions.register(&Names::new("us-east-1"), whole, Vec::new(), "arn:aws:iam::1:root", 1.5);
        }
        definitions
    }

    fn arns(answer: &Value) -> Vec<&str> {
        answer["taskDefinitionArns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|arn| arn.as_str().unwrap().rsplit('/').next().unwrap())
            .collect()
    }

    #[test]
    fn revisions_count_by_family() {
        let definitions = some();
        assert_eq!(definitions.find("web").unwrap().number, 2);
        assert_eq!(definitions.find("web:1").unwrap().number, 1);
        let arn = "arn:aws:ecs:us-east-1:123456789012:task-definition/api:1";
        assert_eq!(definitions.find(arn).unwrap().document["taskDefinitionArn"], json!(arn));
        assert!(definitions.find("web:3").is_none() && definitions.find("nothing").is_none());
    }

    #[test]
    fn a_revision_that_is_inactive_is_described_but_no_longer_the_latest() {
        let mut definitions = some();
        assert!(definitions.deregister("web", 2.0).is_err() && definitions.deregister("web:9", 2.0).is_err());
        assert_eq!(definitions.deregister("web:2", 2.0).unwrap().document["status"], json!("INACTIVE"));
        assert_eq!(definitions.find("web").unwrap().number, 1);
        assert!(!definitions.find("web:2").unwrap().active);
        let all = Paging::default();
        assert_eq!(arns(&definitions.list(None, true, &all).unwrap()), ["api:1", "web:1", "web-api:1"]);
        assert_eq!(arns(&definitions.list(Some("web"), false, &all).unwrap()), ["web:2"]);
        definitions.register(
            &Names::new("r"),
            json!({"family": "web"}).as_object().unwrap().clone(),
            Vec::new(),
            "",
            3.0,
        );
        assert_eq!(definitions.find("web").unwrap().number, 3, "a number is never given twice");
    }
}
