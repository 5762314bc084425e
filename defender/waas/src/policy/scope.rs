//! Which rules are in scope, by App ID (section 2.2 of `waas.md`).

use proofhouse_protocol::waas_policy::WaasRule;

/// Whether a rule applies to this task. Only `appIDs` count; a rule without collections applies everywhere, which is
/// a declared choice: the Console always writes at least one.
pub(super) fn applies(rule: &WaasRule, app_id: &str) -> bool {
    !rule.disabled
        && (rule.collections.is_empty()
            || rule.collections.iter().any(|collection| covers(&collection.app_ids, app_id)))
}

/// Exemptions (`-pattern`) are looked at first.
fn covers(patterns: &[String], app_id: &str) -> bool {
    let exempt = patterns.iter().filter_map(|pattern| pattern.strip_prefix('-'));
    !exempt.into_iter().any(|pattern| matches(pattern, app_id))
        && patterns.iter().filter(|pattern| !pattern.starts_with('-')).any(|pattern| matches(pattern, app_id))
}

/// A leading `*` means ends-with, a trailing one starts-with, both contains, none exactly; case does not count.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        _ if pattern == "*" => true,
        (Some(_), Some(_)) => text.contains(&pattern[1..pattern.len() - 1]),
        (Some(end), None) => text.ends_with(end),
        (None, Some(start)) => text.starts_with(start),
        (None, None) => text == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(patterns: &[&str], app_id: &str) -> bool {
        covers(&patterns.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>(), app_id)
    }

    #[test]
    fn stars_and_exemptions() {
        let id = "Web-Task:0123";
        for yes in ["*", "web-task*", "*0123", "*task*", "web-task:0123"] {
            assert!(covered(&[yes], id), "{yes}");
        }
        for no in ["other*", "web-task", "task*", "*task", "", "w*b-task:0123"] {
            assert!(!covered(&[no], id), "{no}");
        }
        assert!(!covered(&["*", "-web*"], id));
        assert!(covered(&["-other*", "web*"], id));
        assert!(!covered(&["-other*"], id));
    }
}
