//! What the embed made of a definition.

use super::evidence::Evidence;
use super::outcome::Conclusion;
use proofhouse_protocol::EmbedNames;
use proofhouse_protocol::observation::{Blame, DefinitionRole};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is expected of the embedded definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmbedExpectation {
    /// Name of the last container.
    LastContainer(String),
    /// One container more than the original, however often it was embedded.
    OneContainerMore,
    /// A member of a container, as JSON: members in any order, elements in theirs.
    Member {
        /// Container.
        container: String,
        /// Member.
        member: String,
        /// Value.
        is: Value,
    },
    /// The wrapper's elements, then those of the original.
    Wrapped {
        /// Container.
        container: String,
        /// Member.
        member: String,
    },
    /// A member of a container is what it was, byte for byte.
    MemberAsBefore {
        /// Container.
        container: String,
        /// Member.
        member: String,
    },
    /// A member of the task is what it was.
    TaskMemberAsBefore(String),
    /// All members of the task but this one are what they were, in their order.
    TaskAsBeforeBut(String),
    /// All members of a container but these are what they were.
    ContainerAsBeforeBut {
        /// Container.
        container: String,
        /// Members.
        but: Vec<String>,
    },
    /// The environment of a container ends with these.
    EnvironmentEndsWith {
        /// Container.
        container: String,
        /// Names and values.
        variables: Vec<(String, String)>,
    },
    /// All names of the environment of a container, in order.
    EnvironmentNames {
        /// Container.
        container: String,
        /// Names.
        names: Vec<String>,
    },
    /// The tag of the sidecar's image.
    SidecarTag(String),
}

/// The definition itself, without the wrapper object of a describe call.
fn unwrapped(definition: &Value) -> &Value {
    definition.get("taskDefinition").unwrap_or(definition)
}

/// The containers of a definition.
fn containers(definition: &Value) -> &[Value] {
    unwrapped(definition)["containerDefinitions"].as_array().map_or(&[], Vec::as_slice)
}

/// A container of a definition.
pub(super) fn container<'a>(definition: &'a Value, name: &str) -> Option<&'a Value> {
    containers(definition).iter().find(|container| container["name"] == name)
}

/// Equal as JSON: members in any order, elements in theirs.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        _ => left == right,
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "absent".to_owned(), ToString::to_string)
}

/// Both definitions, and the containers of both by name.
struct Pair<'a> {
    original: &'a Value,
    embedded: &'a Value,
    names: EmbedNames,
}

impl<'a> Pair<'a> {
    fn of(evidence: Evidence<'a>) -> Option<(Self, [u64; 2])> {
        let (before, original) = evidence.definition(DefinitionRole::Original)?;
        let (after, embedded) = evidence.definition(DefinitionRole::Embedded)?;
        Some((Self { original, embedded, names: evidence.embed_names() }, [before.sequence, after.sequence]))
    }

    fn wrapper(&self) -> impl Iterator<Item = Value> {
        self.names.wrapper.iter().map(|word| json!(word))
    }

    fn member(&self, name: &str, member: &str) -> (Option<&'a Value>, Option<&'a Value>) {
        let of = |definition| container(definition, name).and_then(|container| container.get(member));
        (of(self.original), of(self.embedded))
    }

    /// Whether it is as expected, and what was expected and seen.
    fn check(&self, expect: &EmbedExpectation) -> (bool, String) {
        match expect {
            EmbedExpectation::LastContainer(name) => {
                let last =
                    containers(self.embedded).last().map_or(&Value::Null, |container| &container["name"]);
                (last == name, format!("expected \"{name}\" as the last container, it is {last}"))
            }
            EmbedExpectation::OneContainerMore => {
                let (before, after) = (containers(self.original).len(), containers(self.embedded).len());
                (
                    after == before + 1,
                    format!("expected {} containers, the embedded definition has {after}", before + 1),
                )
            }
            EmbedExpectation::Member { container, member, is } => {
                let found = self.member(container, member).1;
                let fits = found.map_or(is.is_null(), |found| same(found, is));
                (fits, format!("expected \"{member}\" of \"{container}\" to be {is}, it is {}", shown(found)))
            }
            EmbedExpectation::Wrapped { container, member } => {
                let (before, after) = self.member(container, member);
                let original = before.and_then(Value::as_array).cloned().unwrap_or_default();
                let expected = Value::Array(self.wrapper().chain(original).collect());
                let said = format!(
                    "expected \"{member}\" of \"{container}\" to be {expected}, it is {}",
                    shown(after)
                );
                (after == Some(&expected), said)
            }
            EmbedExpectation::MemberAsBefore { container, member } => {
                let (before, after) = self.member(container, member);
                let (before, after) = (shown(before), shown(after));
                let said =
                    format!("expected \"{member}\" of \"{container}\" as it was, {before}; it is {after}");
                (before == after && self::container(self.embedded, container).is_some(), said)
            }
            EmbedExpectation::TaskMemberAsBefore(member) => {
                let (before, after) =
                    (unwrapped(self.original).get(member), unwrapped(self.embedded).get(member));
                let said = format!(
                    "expected \"{member}\" of the task as it was, {}; it is {}",
                    shown(before),
                    shown(after)
                );
                (before == after, said)
            }
            EmbedExpectation::TaskAsBeforeBut(member) => self.task_as_before_but(member),
            EmbedExpectation::ContainerAsBeforeBut { container, but } => {
                self.container_as_before_but(container, but)
            }
            EmbedExpectation::EnvironmentEndsWith { container, variables } => {
                let expected: Vec<_> =
                    variables.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
                let found = self.member(container, "environment").1.and_then(Value::as_array);
                let found = found.map_or(&[][..], Vec::as_slice);
                let end = &found[found.len().saturating_sub(expected.len())..];
                let said = format!(
                    "expected the environment of \"{container}\" to end with {}, its end is {}",
                    json!(expected),
                    json!(end)
                );
                (end == expected, said)
            }
            EmbedExpectation::EnvironmentNames { container, names } => {
                let list = self.member(container, "environment").1.and_then(Value::as_array);
                let found: Vec<_> =
                    list.into_iter().flatten().filter_map(|variable| variable["name"].as_str()).collect();
                (
                    found == *names,
                    format!("expected the variables {names:?} of \"{container}\", it has {found:?}"),
                )
            }
            EmbedExpectation::SidecarTag(expected) => {
                let image = container(self.embedded, &self.names.sidecar)
                    .map_or("", |one| one["image"].as_str().unwrap_or_default());
                let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
                (
                    tag == expected,
                    format!("expected the tag `{expected}`, the image of the sidecar is `{image}`"),
                )
            }
        }
    }

    fn container_as_before_but(&self, name: &str, but: &[String]) -> (bool, String) {
        let members = |definition| -> Option<Vec<String>> {
            let members = container(definition, name)?.as_object()?.iter();
            let mut kept: Vec<_> = members
                .filter(|(key, _)| !but.contains(key))
                .map(|(key, value)| format!("{key}: {value}"))
                .collect();
            kept.sort();
            Some(kept)
        };
        let (Some(before), Some(after)) = (members(self.original), members(self.embedded)) else {
            return (false, format!("expected \"{name}\" in both definitions, one has none"));
        };
        let without = |all: &[String], others: &[String]| {
            all.iter().filter(|member| !others.contains(member)).cloned().collect::<Vec<_>>().join(", ")
        };
        let (gone, new) = (without(&before, &after), without(&after, &before));
        (
            before == after,
            format!("expected the members of \"{name}\" as they were; gone is `{gone}`, new is `{new}`"),
        )
    }

    fn task_as_before_but(&self, member: &str) -> (bool, String) {
        let members = |definition| -> Vec<String> {
            let object = unwrapped(definition).as_object();
            let kept = object.into_iter().flatten().filter(|(key, _)| *key != member);
            kept.map(|(key, value)| format!("{key}: {value}")).collect()
        };
        let (before, after) = (members(self.original), members(self.embedded));
        let gone: Vec<_> = before.iter().filter(|member| !after.contains(member)).cloned().collect();
        let new: Vec<_> = after.iter().filter(|member| !before.contains(member)).cloned().collect();
        let what = match (gone.as_slice(), new.as_slice()) {
            ([], []) => format!("they stand as {}", after.join(", ")),
            _ => format!("gone is `{}`, new is `{}`", gone.join(", "), new.join(", ")),
        };
        (before == after, format!("expected the members of the task as they were; {what}"))
    }
}

pub(super) fn embedded(evidence: Evidence<'_>, expect: &EmbedExpectation) -> Conclusion {
    let Some((pair, on)) = Pair::of(evidence) else {
        return Conclusion::unproved("nothing was embedded");
    };
    let (fits, said) = pair.check(expect);
    Conclusion::either(fits, Blame::Console, said).on(on)
}

/// What is wrong with the last embed by its published shape (`runtime-and-embed.md` 4.1), whatever a scenario asks: whoever runs
/// such a definition cannot be blamed for what comes of it.
pub(super) fn fault(evidence: Evidence<'_>) -> Option<(u64, String)> {
    let (pair, [_, sequence]) = Pair::of(evidence)?;
    if containers(pair.embedded).is_empty() {
        return None;
    }
    let own = pair.names.sidecar.as_str();
    let wrapper: Vec<Value> = pair.wrapper().collect();
    let sidecar = container(pair.embedded, own);
    let fault = || {
        let sidecar = match sidecar {
            None => return Some(format!("the definition that the Console embedded has no \"{own}\"")),
            Some(sidecar) => sidecar,
        };
        if container(pair.original, own).is_none() && sidecar["essential"] != true {
            return Some("the sidecar that the Console embedded is not essential".to_owned());
        }
        for before in containers(pair.original) {
            let name = before["name"].as_str().unwrap_or_default();
            let Some(after) = container(pair.embedded, name) else {
                return Some(format!("the definition that the Console embedded has no \"{name}\""));
            };
            let entry = after["entryPoint"].as_array().map_or(&[][..], Vec::as_slice);
            if name != own && !entry.starts_with(&wrapper) {
                return Some(format!(
                    "the Console did not put the Defender before the entry point of \"{name}\""
                ));
            }
            let stranger = after["environment"]
                .as_array()
                .into_iter()
                .flatten()
                .find(|variable| name != own && variable["name"] == "INSTALL_BUNDLE");
            if stranger.is_some() {
                return Some(format!("the Console gave the install bundle to \"{name}\""));
            }
        }
        None
    };
    fault().map(|why| (sequence, why))
}
