//! Which rule is about a container: scopes, exclusions, first match [PM31, COLL].

use super::{Case, Pattern};
use proofhouse_protocol::{Collection, RuntimePolicy, RuntimeRule};

/// What a scope is compared with: the injected environment of a container and the App ID of its task.
#[derive(Debug, Clone, Copy)]
pub struct Workload<'a> {
    /// `TW_CONTAINER_NAME`.
    pub container: &'a str,
    /// `TW_IMAGE_NAME`, as written in the task definition.
    pub image: &'a str,
    /// `<family>:<task id>`.
    pub app_id: &'a str,
}

/// The first enabled rule one of whose collections covers the workload; later rules are not consulted.
#[must_use]
pub fn first_rule<'p>(policy: &'p RuntimePolicy, workload: &Workload<'_>) -> Option<&'p RuntimeRule> {
    let images = spellings(workload.image);
    policy
        .rules
        .iter()
        .filter(|rule| !rule.disabled)
        .find(|rule| rule.collections.iter().any(|collection| covers(collection, workload, &images)))
}

/// Only three selectors say something about a container on Fargate; `hosts` is ignored since 22.06 [RN], and what the
/// other selectors mean here is documented nowhere (declared choice: nothing).
fn covers(collection: &Collection, workload: &Workload<'_>, images: &[String]) -> bool {
    selects(&collection.containers, &[workload.container.to_owned()])
        && selects(&collection.images, images)
        && selects(&collection.app_ids, &[workload.app_id.to_owned()])
}

/// Exclusions first; then any value, where a list of exclusions only, or an empty list, includes everything else.
fn selects(values: &[String], candidates: &[String]) -> bool {
    let hits = |text: &str| {
        let pattern = Pattern::new(text, Case::Ignored);
        candidates.iter().any(|candidate| pattern.matches(candidate))
    };
    let (excluded, included): (Vec<&String>, Vec<&String>) = values.iter().partition(|v| v.starts_with('-'));
    if excluded.iter().any(|value| hits(&value[1..])) {
        return false;
    }
    included.is_empty() || included.iter().any(|value| hits(value))
}

const HUBS: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/// Every way to write an image of the public hub, for which a host, `library/` of an official one, the tag `latest` and a tag beside a
/// digest say nothing; other images have one spelling.
fn spellings(image: &str) -> Vec<String> {
    let mut all = vec![image.to_owned()];
    let image = image.to_lowercase();
    let path = match image.split_once('/') {
        Some((host, rest)) if HUBS.contains(&host) => rest,
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => return all,
        _ => &image,
    };
    let (path, digest) = path.split_at(path.find('@').unwrap_or(path.len()));
    let (path, tag) = path.split_at(path.find(':').unwrap_or(path.len()));
    let tails = match (tag, digest) {
        ("" | ":latest", "") => vec![String::new(), ":latest".to_owned()],
        (tag, "") => vec![tag.to_owned()],
        (tag, digest) => vec![format!("{tag}{digest}"), digest.to_owned()],
    };
    let short = path.strip_prefix("library/").unwrap_or(path);
    let paths = if short.contains('/') {
        vec![path.to_owned()]
    } else {
        vec![short.to_owned(), format!("library/{short}")]
    };
    for path in paths {
        for tail in &tails {
            all.extend(HUBS.iter().map(|hub| format!("{hub}/{path}{tail}")));
            all.push(format!("{path}{tail}"));
        }
    }
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn collection(containers: &[&str], images: &[&str], app_ids: &[&str]) -> Collection {
        let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        Collection {
            containers: own(containers),
            images: own(images),
            app_ids: own(app_ids),
            ..Collection::everything("c")
        }
    }

    fn rule(name: &str, disabled: bool, collections: Vec<Collection>) -> RuntimeRule {
        let mut rule: RuntimeRule = serde_json::from_value(serde_json::json!({"name": name})).unwrap();
        rule.disabled = disabled;
        rule.collections = collections;
        rule
    }

    fn decided(rules: Vec<RuntimeRule>, container: &str, image: &str, app_id: &str) -> Option<String> {
        let policy = RuntimePolicy { rules, ..RuntimePolicy::default() };
        first_rule(&policy, &Workload { container, image, app_id }).map(|rule| rule.name.clone())
    }

    #[test]
    fn fields_are_anded_values_ored_collections_ored() {
        for (containers, images, hit) in [
            (vec!["web", "db"], vec!["*"], true),
            (vec!["db"], vec!["*"], false),
            (vec!["web"], vec!["redis*"], false),
            (vec!["web"], vec!["redis*", "nginx*"], true),
        ] {
            let rules = vec![rule("r", false, vec![collection(&containers, &images, &["*"])])];
            assert_eq!(decided(rules, "web", "nginx:1", "f:1").is_some(), hit, "{containers:?} {images:?}");
        }
        let both = vec![collection(&["db"], &["*"], &["*"]), collection(&["web"], &["*"], &["*"])];
        assert!(decided(vec![rule("r", false, both)], "web", "i", "f:1").is_some());
    }

    #[test]
    fn the_first_enabled_match_decides() {
        let all = || vec![Collection::everything("All")];
        let rules = vec![rule("off", true, all()), rule("one", false, all()), rule("two", false, all())];
        assert_eq!(decided(rules, "web", "i", "f:1").as_deref(), Some("one"));
        assert_eq!(decided(vec![rule("none", false, vec![])], "web", "i", "f:1"), None);
    }

    #[test]
    fn exclusions_come_before_inclusions() {
        let scoped = |values: &[&str], name: &str| {
            decided(vec![rule("r", false, vec![collection(values, &["*"], &["*"])])], name, "i", "f:1")
                .is_some()
        };
        assert!(scoped(&["web*", "-web-test"], "web-1"));
        assert!(!scoped(&["web*", "-web-test"], "WEB-TEST"));
        assert!(scoped(&["-db"], "web") && !scoped(&["-db"], "db"));
    }

    #[test]
    fn hub_images_match_in_every_spelling() {
        let scoped = |value: &str, image: &str| {
            decided(vec![rule("r", false, vec![collection(&["*"], &[value], &["*"])])], "c", image, "f:1")
                .is_some()
        };
        assert!(scoped("docker.io/library/httpd:2.4", "httpd:2.4"));
        assert!(scoped("registry-1.docker.io/library/httpd:2.4", "httpd:2.4"));
        assert!(scoped("httpd:2.4", "docker.io/library/httpd:2.4"));
        assert!(scoped("docker.io/library/httpd:latest", "httpd"));
        assert!(scoped("docker.io/bitnami/redis*", "bitnami/redis:7"));
        assert!(!scoped("docker.io/library/httpd:2.4", "registry.example.com/httpd:2.4"));
        assert!(!scoped("docker.io/library/httpd:2.4", "httpd:2.5"));
        assert!(!scoped("docker.io/library/httpd:latest", "httpd:2.4"));
        assert!(scoped("httpd", "httpd:latest") && !scoped("-httpd", "docker.io/library/httpd:latest"));
        assert!(scoped("docker.io/library/httpd:2.4", "Docker.io/httpd:2.4"));
        assert!(scoped("httpd@sha256:00", "httpd:2.4@sha256:00"));
        assert!(!scoped("bitnami/redis:7", "library/bitnami/redis:7"));
    }

    #[test]
    fn an_app_id_scope_is_usually_a_prefix() {
        let rules = vec![rule("r", false, vec![collection(&["*"], &["*"], &["Shop*"])])];
        assert!(decided(rules.clone(), "c", "i", "shop:0123").is_some());
        assert!(decided(rules, "c", "i", "other:0123").is_none());
    }

    proptest! {
        #[test]
        fn an_image_is_covered_by_its_own_name_in_any_case(image in "[a-z]{1,8}(/[a-z]{1,8}){0,2}(:[a-z0-9]{1,4})?") {
            let one = collection(&["*"], &[&image.to_uppercase()], &["*"]);
            prop_assert!(decided(vec![rule("r", false, vec![one])], "c", &image, "f:1").is_some());
            let without = format!("-{image}");
            let none = collection(&["*"], &["*", &without], &["*"]);
            prop_assert!(decided(vec![rule("r", false, vec![none])], "c", &image, "f:1").is_none());
        }
    }
}
