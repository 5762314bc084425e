//! What is stated of answers.

use crate::clause::Clause;

/// Clauses of what becomes of answers.
pub(crate) const CLAUSES: &[Clause] = &[
    (
        "request.answer-cookie-bound",
        &["W42"],
        "every cookie of an answer gets `SameSite=Strict`, in the place of a `SameSite` of its own (choice)",
    ),
    ("request.answer-cookie-left", &["W42"], "where that is off, cookies come back as the app sent them"),
    (
        "request.answer-frames",
        &["W43"],
        "an answer may only be shown in frames of its site, whatever the app says of it",
    ),
    ("request.answer-frames-left", &["W43"], "where that is off, what the app says of frames comes back"),
    ("request.answer-fingerprint", &["W44"], "each line of a header that gives the server away is removed"),
    (
        "request.answer-fingerprint-left",
        &["W44"],
        "where that is off, such headers come back as the app sent them",
    ),
    (
        "request.answer-header-added",
        &["W112"],
        "a header is added to what the app sends under its name, in each of its values",
    ),
    (
        "request.answer-header-replaced",
        &["W112"],
        "a header that overrides takes the place of every line of the app's",
    ),
    (
        "request.answer-header-new",
        &["W112"],
        "a header that the app does not send is there in each of its values",
    ),
    (
        "request.answer-header-left",
        &["W44", "W112"],
        "other headers come back as the app sent them, in number and values",
    ),
    (
        "request.answer-no-hsts",
        &["W111"],
        "without TLS no answer asks for strict transport security but by the app's own word (choice)",
    ),
    ("request.leak", &["W45", "W46"], "an answer with what no client may see has the effect of leaks"),
    (
        "request.leak-off",
        &["W45"],
        "where leaks are off, such an answer goes to the client, and nobody hears of it",
    ),
    (
        "request.leak-unclear",
        &["W45"],
        "of an answer that is longer than what is inspected, and where bodies are skipped, a leak may be missed",
    ),
    (
        "request.leak-kept",
        &["W45"],
        "what an answer must not tell never reaches the client, though the app has got the request",
    ),
    ("request.leak-none", &["W46"], "an answer that only talks of such things goes to the client"),
];
