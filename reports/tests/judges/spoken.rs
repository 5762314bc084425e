//! What a check speaks of by name: no entry of the list can excuse a mutant there.

use super::mutant::{Change, Mutant};
use serde_json::Value;

/// Whether the check, as it stands in the history, names the member that the mutant has altered.
pub fn spoken_of(check: &Value, mutant: &Mutant) -> bool {
    let Change::Altered(pointer) = &mutant.change else { return false };
    let expect = &check["expect"];
    let is = |word: &str| expect == word || expect.get(word).is_some();
    match (check["check"].as_str().unwrap_or_default(), mutant.kind.as_str()) {
        ("audits", "audit") => ["fields", "select"].iter().any(|list| {
            let named = check[*list].as_object();
            // Of a list one element is looked for, and the mutant may be of another.
            named.into_iter().flatten().any(|(name, _)| match name.strip_prefix('/') {
                Some(deep) => *pointer == format!("/audit/{deep}"),
                None => *pointer == format!("/audit/{name}"),
            })
        }),
        ("event_id", "audit") => pointer == "/audit/eventID",
        ("program", "act") => {
            let of = |member: &str| pointer.starts_with(&format!("/result/{member}"));
            (is("ran") && expect["ran"].is_number() && of("end"))
                || (is("output") && of("stdout"))
                || (is("prints") && (of("stdout") || of("stderr")))
                || (is("cpu_shares") && of("stdout"))
        }
        ("lookup", "act") => is("resolves") && pointer.starts_with("/result/addresses"),
        ("exchange", "http_exchange") => {
            (is("status") && pointer == "/status")
                || (is("block_page") && (pointer == "/status" || pointer == "/body/text"))
                || (is("same_as") && (pointer == "/status" || pointer == "/body/sha256"))
                || ((is("body_has") || is("event_id_in_body")) && pointer == "/body/text")
                || (is("encrypted") && pointer == "/tls/certificate_sha256")
                || (is("every") && pointer == "/status")
        }
        ("console_answer", "console_answer") => {
            let reads =
                ["rows", "buckets", "text", "has", "audits", "only_rules"].iter().any(|word| is(word));
            pointer == "/status" || (reads && pointer == "/body/text")
        }
        ("task", "task_record") => {
            let container =
                expect.as_object().and_then(|one| one.values().next()).map(|one| &one["container"]);
            let own = container.and_then(Value::as_str).map(|name| format!("/record/containers/{name}/"));
            let of = |member: &str| own.as_ref().is_some_and(|own| *pointer == format!("{own}{member}"));
            (is("exited") && of("exit_code"))
                || (is("started") && of("restarts"))
                || (is("health") && of("health"))
                || (is("reason") && of("reason"))
                || (is("task_health") && pointer == "/record/health")
                || (is("stopped") && pointer.starts_with("/record/stop/"))
                || (["came_up", "running", "all_running"].iter().any(|word| is(word))
                    && pointer == "/record/status")
        }
        ("facts", "inspected") => {
            (is("log_mode") && pointer == "/engine/log_mode")
                || (is("out_of_memory") && pointer == "/engine/out_of_memory")
                || (is("no_health_check_of_the_engine") && pointer == "/engine/engine_health")
        }
        _ => false,
    }
}
