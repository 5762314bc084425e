//! Declared choices: what the product's documentation leaves open, and how this run decided it.

use proofhouse_protocol::Semantics;
use proofhouse_protocol::semantics::{EmptyLists, PlainDomain};
use serde::{Deserialize, Serialize};

/// A question and the answer in force. Never a fact about the vendor's product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Question.
    pub question: String,
    /// Answer.
    pub choice: String,
}

/// The choices of a profile in words (`runtime-and-embed.md`, section 6).
#[must_use]
pub fn declared_choices(semantics: &Semantics) -> Vec<Choice> {
    let yes_no = |flag| if flag { "yes" } else { "no" };
    let rows = [
        ("Profile", semantics.profile.as_str()),
        (
            "An empty allow list under prevent",
            match semantics.empty_lists {
                EmptyLists::DenyNothing => "denies nothing",
                EmptyLists::DenyAll => "denies everything but the entry point",
            },
        ),
        ("Deny lists are honoured", yes_no(semantics.deny_lists)),
        ("`*.example.com` covers `example.com`", yes_no(semantics.wildcard_matches_apex)),
        (
            "A domain without wildcard covers",
            match semantics.plain_domain {
                PlainDomain::Exact => "itself only",
                PlainDomain::Suffix => "itself and everything below it",
            },
        ),
        ("A fresh Console has the default rule", yes_no(semantics.default_rule)),
        (
            "A broken install bundle",
            if semantics.broken_bundle_fails { "stops the container" } else { "leaves the app unprotected" },
        ),
    ];
    rows.map(|(question, choice)| Choice { question: question.to_owned(), choice: choice.to_owned() })
        .to_vec()
}
