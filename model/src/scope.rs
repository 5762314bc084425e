//! Which rule governs a container (section 3.7).

use crate::Trail;
use crate::pattern::{Shape, covers, shape};
use proofhouse_protocol::{Collection, RuntimePolicy, RuntimeRule};

/// What a scope is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Container<'a> {
    /// Its name in the task definition.
    pub name: &'a str,
    /// Its image, as the task definition has it.
    pub image: &'a str,
    /// `<family>:<task id>`.
    pub app_id: &'a str,
}

/// The rule that governs a container, if there is one: C8, C9, C10, and C4, since siblings are asked about one by one.
#[must_use]
pub fn governing_rule<'p>(
    policy: &'p RuntimePolicy,
    container: &Container<'_>,
    trail: &mut Trail,
) -> Option<&'p RuntimeRule> {
    for rule in &policy.rules {
        if rule.disabled {
            trail.through("scope.disabled-rule");
        } else if rule_covers(rule, container, trail) {
            trail.through("scope.first-match");
            return Some(rule);
        }
    }
    trail.through("scope.no-match");
    None
}

/// C6: collections are ORed.
fn rule_covers(rule: &RuntimeRule, container: &Container<'_>, trail: &mut Trail) -> bool {
    if rule.collections.is_empty() {
        trail.through("scope.no-collections");
        return false;
    }
    for collection in &rule.collections {
        if collection_covers(collection, container, trail) {
            if rule.collections.len() > 1 {
                trail.through("scope.one-of-collections");
            }
            return true;
        }
    }
    trail.through("scope.not-covered");
    false
}

/// C6: fields are ANDed. C1, C2, C3: those of containers, images and App IDs; what the other fields would mean on Fargate is not
/// documented, and they say nothing (choice). C11: a collection of containers and images is not documented to work.
fn collection_covers(collection: &Collection, container: &Container<'_>, trail: &mut Trail) -> bool {
    if narrows(&collection.containers) && narrows(&collection.images) {
        trail.through("scope.images-and-containers");
    }
    let images = ways_to_write(container.image);
    let fields = [
        ("scope.by-container", &collection.containers, vec![container.name.to_owned()]),
        ("scope.by-image", &collection.images, images),
        ("scope.by-app-id", &collection.app_ids, vec![container.app_id.to_owned()]),
    ];
    for (clause, values, names) in fields {
        if narrows(values) {
            trail.through(clause);
        }
        if !field_covers(values, &names, trail) {
            trail.through("scope.field-differs");
            return false;
        }
    }
    true
}

fn narrows(values: &[String]) -> bool {
    values.iter().any(|value| value != "*")
}

/// C7: exclusions first. C6: then values are ORed. The names are those of one thing, as it is written first.
fn field_covers(values: &[String], names: &[String], trail: &mut Trail) -> bool {
    for value in values {
        if let Some(excluded) = value.strip_prefix('-')
            && value_covers(excluded, names, trail)
        {
            trail.through("scope.excluded");
            return false;
        }
    }
    let included: Vec<&String> = values.iter().filter(|value| !value.starts_with('-')).collect();
    if included.is_empty() {
        trail.through("scope.only-exclusions");
        return true;
    }
    for value in &included {
        if value_covers(value, names, trail) {
            if included.len() > 1 {
                trail.through("scope.one-of-values");
            }
            return true;
        }
    }
    false
}

/// Whether a field of App IDs covers the App ID of a task.
pub(crate) fn app_id_covers(values: &[String], app_id: &str, trail: &mut Trail) -> bool {
    field_covers(values, &[app_id.to_owned()], trail)
}

/// C5: stars at either end, and no case. C2: any way to write an image will do.
fn value_covers(value: &str, names: &[String], trail: &mut Trail) -> bool {
    let folded = value.to_lowercase();
    let Some(at) = names.iter().position(|name| covers(&folded, &name.to_lowercase())) else {
        return false;
    };
    trail.through(match shape(value).0 {
        Shape::Equal => "scope.equal",
        Shape::Ends => "scope.ends",
        Shape::Starts => "scope.starts",
        Shape::Contains => "scope.contains",
    });
    if at > 0 {
        trail.through("scope.image-written-otherwise");
    } else if !covers(value, &names[0]) {
        trail.through("scope.case");
    }
    true
}

/// C2: the ways to write an image, the given one first. An image of the public hub may have the hub's host or not, `library/` or not where it
/// is an official one, and the tag `latest` or none; a tag beside a digest may be left out. Another registry's image has one (choice).
#[must_use]
pub fn ways_to_write(image: &str) -> Vec<String> {
    const HUB: [&str; 3] = ["docker.io/", "index.docker.io/", "registry-1.docker.io/"];
    let mut ways = vec![image.to_owned()];
    let mut name = image.to_lowercase();
    let mut of_hub = false;
    for host in HUB {
        if let Some(rest) = name.strip_prefix(host) {
            name = rest.to_owned();
            of_hub = true;
            break;
        }
    }
    if !of_hub && let Some((first, _)) = name.split_once('/') {
        let host = first.contains('.') || first.contains(':') || first == "localhost";
        if host {
            return ways;
        }
    }

    let (named, digest) = match name.split_once('@') {
        Some((named, digest)) => (named, Some(digest)),
        None => (name.as_str(), None),
    };
    let (path, tag) = match named.rsplit_once(':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (named, None),
    };
    let official = path.strip_prefix("library/").unwrap_or(path);
    let paths = match official.contains('/') {
        true => vec![path.to_owned()],
        false => vec![official.to_owned(), format!("library/{official}")],
    };
    let tails = match (tag, digest) {
        (None | Some("latest"), None) => vec![String::new(), ":latest".to_owned()],
        (Some(tag), None) => vec![format!(":{tag}")],
        (None, Some(digest)) => vec![format!("@{digest}")],
        (Some(tag), Some(digest)) => vec![format!(":{tag}@{digest}"), format!("@{digest}")],
    };
    for host in ["", HUB[0], HUB[1], HUB[2]] {
        for path in &paths {
            for tail in &tails {
                ways.push(format!("{host}{path}{tail}"));
            }
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collection(containers: &[&str], images: &[&str], app_ids: &[&str]) -> Collection {
        let own = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        Collection {
            containers: own(containers),
            images: own(images),
            app_ids: own(app_ids),
            ..Collection::everything("c")
        }
    }

    fn rule(name: &str, collections: Vec<Collection>) -> RuntimeRule {
        let mut rule: RuntimeRule = serde_json::from_value(serde_json::json!({"name": name})).unwrap();
        rule.collections = collections;
        rule
    }

    fn governs(rules: Vec<RuntimeRule>, name: &str, image: &str) -> Option<String> {
        let policy = RuntimePolicy { rules, ..RuntimePolicy::default() };
        let container = Container { name, image, app_id: "shop:01" };
        governing_rule(&policy, &container, &mut Trail::default()).map(|rule| rule.name.clone())
    }

    /// C6.
    #[test]
    fn fields_are_anded() {
        for (containers, images, app_ids) in (0..8).map(|bits| (bits & 1 == 0, bits & 2 == 0, bits & 4 == 0))
        {
            let pick = |hit, value| if hit { value } else { "other" };
            let one =
                collection(&[pick(containers, "web")], &[pick(images, "nginx:1")], &[pick(app_ids, "shop*")]);
            let expected = containers && images && app_ids;
            assert_eq!(governs(vec![rule("r", vec![one])], "web", "nginx:1").is_some(), expected);
        }
    }

    /// C6.
    #[test]
    fn values_and_collections_are_ored() {
        let values = collection(&["db", "web"], &["*"], &["*"]);
        assert!(governs(vec![rule("r", vec![values])], "web", "i").is_some());
        let two = vec![collection(&["db"], &["*"], &["*"]), collection(&["web"], &["*"], &["*"])];
        assert!(governs(vec![rule("r", two.clone())], "web", "i").is_some());
        assert!(governs(vec![rule("r", two)], "cache", "i").is_none());
        assert!(governs(vec![rule("r", vec![])], "web", "i").is_none());
    }

    /// C7.
    #[test]
    fn exclusions_are_decided_first() {
        for (values, name, expected) in [
            (vec!["*", "-db"], "web", true),
            (vec!["*", "-db"], "DB", false),
            (vec!["-db", "*"], "db", false),
            (vec!["-d*", "db"], "db", false),
            (vec!["-db"], "web", true),
            (vec!["-db"], "db", false),
            (vec![], "web", true),
        ] {
            let one = collection(&values, &["*"], &["*"]);
            assert_eq!(
                governs(vec![rule("r", vec![one])], name, "i").is_some(),
                expected,
                "{values:?} {name}"
            );
        }
    }

    /// C8, C9, C10.
    #[test]
    fn the_first_enabled_rule_that_covers_decides() {
        let all = || vec![Collection::everything("All")];
        let off = RuntimeRule { disabled: true, ..rule("off", all()) };
        let db = rule("db", vec![collection(&["db"], &["*"], &["*"])]);
        let rules = vec![off.clone(), db.clone(), rule("one", all()), rule("two", all())];
        assert_eq!(governs(rules.clone(), "web", "i").as_deref(), Some("one"));
        assert_eq!(governs(rules, "db", "i").as_deref(), Some("db"));
        assert_eq!(governs(vec![off, db], "web", "i"), None);
    }

    /// C2.
    #[test]
    fn an_image_of_the_hub_is_the_same_however_it_is_written() {
        for (image, value, expected) in [
            ("httpd:2.4", "docker.io/library/httpd:2.4", true),
            ("httpd:2.4", "registry-1.docker.io/library/httpd:2.4", true),
            ("docker.io/library/httpd:2.4", "HTTPD:2.4", true),
            ("Docker.io/httpd:2.4", "docker.io/library/httpd:2.4", true),
            ("httpd", "docker.io/library/httpd:latest", true),
            ("httpd:latest", "httpd", true),
            ("httpd:latest", "-httpd", false),
            ("httpd:2.4", "httpd", false),
            ("httpd:2.4", "httpd:2.5", false),
            ("bitnami/redis:7", "docker.io/bitnami/redis*", true),
            ("bitnami/redis:7", "docker.io/library/bitnami/redis:7", false),
            ("library/bitnami/redis:7", "bitnami/redis:7", false),
            ("httpd:2@sha256:00", "docker.io/library/httpd@sha256:00", true),
            ("registry.example.com/httpd:2.4", "docker.io/library/httpd:2.4", false),
            ("registry.example.com/httpd:2.4", "registry.example.com/httpd*", true),
            ("localhost/httpd", "httpd", false),
        ] {
            let one = collection(&["*"], &[value], &["*"]);
            assert_eq!(
                governs(vec![rule("r", vec![one])], "c", image).is_some(),
                expected,
                "{image} {value}"
            );
        }
    }
}
