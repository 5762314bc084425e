//! What the app answers, and what must come of its headers, in the words of steps.

use super::feature::quoted;
use super::task::CONTAINERS;
use proofhouse_generators::odd_answer;
use proofhouse_model::requests::Judged;
use proofhouse_reports::checks::FindingKind;
use std::collections::BTreeSet;

/// What the app has to be told before it is asked for these paths.
pub(super) fn prepared_answers(paths: impl Iterator<Item = String>) -> Vec<String> {
    let paths: BTreeSet<String> = paths.collect();
    let odd = paths.iter().filter_map(|path| odd_answer(path));
    let each = odd.map(|odd| {
        let headers: String = odd.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        let text = quoted(&format!("{}\n{headers}\n{}", odd.status, odd.body));
        format!("\"{}\" answers \"{}\" with:\n{text}", CONTAINERS[0], odd.path)
    });
    each.collect()
}

/// Whether a clause is about headers of answers, as most requests come by some.
pub(super) fn is_of_header(clause: &str) -> bool {
    clause.starts_with("request.answer-")
}

/// The clause that says most of the headers of an answer, where something was found about one.
pub(super) fn clause_of_header(kind: &FindingKind, trail: &[&'static str]) -> Option<&'static str> {
    let FindingKind::HeaderOfAnswer(_) = kind else { return None };
    let all: Vec<&'static str> = trail.iter().copied().filter(|id| is_of_header(id)).collect();
    all.iter().rfind(|id| !id.ends_with("-left")).or(all.last()).copied()
}

/// What must be there of the header that something was found about; nothing where steps have no words for so many lines.
pub(super) fn header_of_answer(kind: &FindingKind, judged: &Judged) -> Option<String> {
    let FindingKind::HeaderOfAnswer(name) = kind else { return None };
    let lines = judged.headers.as_ref()?.ways(name).into_iter().next()?;
    match lines.as_slice() {
        [] => Some(format!("the response has no header \"{name}\"")),
        [one] => Some(format!("the response has the header \"{name}\" with \"{one}\"")),
        [one, two] => {
            Some(format!("the response has the header \"{name}\" with \"{one}\" and with \"{two}\""))
        }
        _ => None,
    }
}
