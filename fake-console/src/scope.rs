//! Which collections a workload is in (section 3.7): fields ANDed, values ORed, `-value` excludes first.

use proofhouse_protocol::Collection;
use proofhouse_protocol::image::canonical;

/// What is known of a workload; an absent attribute is matched by `*` only.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Workload<'a> {
    pub(crate) app_id: &'a str,
    pub(crate) container: Option<&'a str>,
    pub(crate) image: Option<&'a str>,
    pub(crate) cluster: Option<&'a str>,
    pub(crate) account: Option<&'a str>,
}

/// Whether the collection covers the workload. `hosts` does not count for App-Embedded since 22.06 [RN].
pub(crate) fn covers(collection: &Collection, workload: Workload<'_>) -> bool {
    let image = workload.image.map(canonical);
    let images: Vec<&str> = workload.image.into_iter().chain(image.as_deref()).collect();
    selects(&collection.app_ids, &[workload.app_id])
        && selects(&collection.containers, workload.container.as_slice())
        && (selects(&collection.images, &images) || selects_canonical(&collection.images, image.as_deref()))
        && selects(&collection.clusters, workload.cluster.as_slice())
        && selects(&collection.account_ids, workload.account.as_slice())
        && selects(&collection.labels, &[])
        && selects(&collection.namespaces, &[])
        && selects(&collection.functions, &[])
}

/// Whether a selector matches any of a workload's values.
fn selects(selector: &[String], values: &[&str]) -> bool {
    let (excluded, included): (Vec<&str>, Vec<&str>) =
        selector.iter().map(String::as_str).partition(|pattern| pattern.starts_with('-'));
    if excluded.iter().any(|pattern| values.iter().any(|value| matches(&pattern[1..], value))) {
        return false;
    }
    if included.is_empty() {
        return true;
    }
    included.iter().any(|pattern| *pattern == "*" || values.iter().any(|value| matches(pattern, value)))
}

/// Exact patterns for images also match in canonical form; exclusions have been judged by [`selects`].
fn selects_canonical(selector: &[String], image: Option<&str>) -> bool {
    let Some(image) = image else { return false };
    let excluded = |pattern: &&String| pattern.starts_with('-');
    if selector.iter().filter(excluded).any(|pattern| canonical(&pattern[1..]) == image) {
        return false;
    }
    selector
        .iter()
        .any(|pattern| !pattern.contains('*') && !pattern.starts_with('-') && canonical(pattern) == image)
}

/// Case-insensitive: leading `*` is ends-with, trailing `*` starts-with, both contains, none exact [PM31].
fn matches(pattern: &str, value: &str) -> bool {
    let (pattern, value) = (pattern.to_lowercase(), value.to_lowercase());
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(_), Some(_)) if pattern.len() == 1 => true,
        (Some(rest), Some(_)) => value.contains(&rest[..rest.len() - 1]),
        (Some(suffix), None) => value.ends_with(suffix),
        (None, Some(prefix)) => value.starts_with(prefix),
        (None, None) => value == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collection(app: &[&str], containers: &[&str], images: &[&str]) -> Collection {
        let list = |items: &[&str]| items.iter().map(|i| (*i).to_owned()).collect();
        Collection {
            app_ids: list(app),
            containers: list(containers),
            images: list(images),
            ..Collection::everything("c")
        }
    }

    const WORKLOAD: Workload<'_> = Workload {
        app_id: "shop:0123",
        container: Some("Worker"),
        image: Some("httpd:2.4"),
        cluster: None,
        account: None,
    };

    #[test]
    fn wildcards_stand_at_either_end() {
        for (pattern, expected) in [
            ("*", true),
            ("shop*", true),
            ("SHOP:*", true),
            ("*0123", true),
            ("*p:0*", true),
            ("shop:0123", true),
            ("shop", false),
            ("*shop", false),
            ("0123*", false),
        ] {
            assert_eq!(covers(&collection(&[pattern], &["*"], &["*"]), WORKLOAD), expected, "{pattern}");
        }
    }

    #[test]
    fn fields_are_anded_and_values_ored() {
        assert!(covers(&collection(&["shop*"], &["web", "worker"], &["*"]), WORKLOAD));
        assert!(!covers(&collection(&["other*"], &["worker"], &["*"]), WORKLOAD));
        assert!(!covers(&collection(&["shop*"], &["web"], &["*"]), WORKLOAD));
    }

    #[test]
    fn an_exclusion_wins() {
        assert!(!covers(&collection(&["*", "-shop*"], &["*"], &["*"]), WORKLOAD));
        assert!(covers(&collection(&["*", "-other*"], &["*"], &["*"]), WORKLOAD));
        assert!(covers(&collection(&["-other*"], &["*"], &["*"]), WORKLOAD));
    }

    #[test]
    fn an_image_matches_as_written_and_in_canonical_form() {
        for image in ["httpd:2.4", "docker.io/library/httpd:2.4", "httpd*", "docker.io/library/*"] {
            assert!(covers(&collection(&["*"], &["*"], &[image]), WORKLOAD), "{image}");
        }
        assert!(!covers(&collection(&["*"], &["*"], &["httpd"]), WORKLOAD));
        assert!(!covers(&collection(&["*"], &["*"], &["*", "-docker.io/library/httpd:2.4"]), WORKLOAD));
    }

    #[test]
    fn an_absent_attribute_is_matched_by_the_star_only() {
        let app = Workload { app_id: "shop:1", ..Workload::default() };
        assert!(covers(&collection(&["shop*"], &["*"], &["*"]), app));
        assert!(!covers(&collection(&["shop*"], &["worker"], &["*"]), app));
    }
}
