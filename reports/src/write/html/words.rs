//! Small pieces of markup.

use crate::verdict::Verdict;
use maud::{Markup, html};

/// Text whose `quoted` parts are code, line breaks kept by the style sheet.
pub(super) fn rich(text: &str) -> Markup {
    html! {
        @for (number, line) in text.lines().enumerate() {
            @if number > 0 { "\n" }
            @let parts: Vec<&str> = line.split('`').collect();
            @if parts.len() % 2 == 1 {
                @for (index, part) in parts.iter().enumerate() {
                    @if index % 2 == 1 { code { (part) } } @else { (part) }
                }
            } @else { (line) }
        }
    }
}

/// Name of a verdict in attributes and classes.
pub(super) fn slug(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "passed",
        Verdict::Failed => "failed",
        Verdict::Inconclusive => "inconclusive",
        Verdict::Error => "error",
        Verdict::NotApplicable => "not-applicable",
        Verdict::KnownFailure => "known-failure",
        Verdict::UnexpectedPass => "unexpected-pass",
    }
}

/// A sign that tells the verdict without colour.
pub(super) fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "✓",
        Verdict::Failed => "✕",
        Verdict::Inconclusive => "?",
        Verdict::Error => "!",
        Verdict::NotApplicable => "–",
        Verdict::KnownFailure => "≈",
        Verdict::UnexpectedPass => "±",
    }
}

/// The sign in a circle.
pub(super) fn dot(verdict: Verdict) -> Markup {
    html! {
        span class={ "dot v-" (slug(verdict)) } title=(verdict) {
            span aria-hidden="true" { (sign(verdict)) }
            span.hidden { (verdict) }
        }
    }
}

/// `840 ms`, `4.2 s`, `3 min 20 s`.
pub(super) fn duration(ms: f64) -> String {
    if ms < 1000.0 {
        format!("{ms:.0} ms")
    } else if ms < 120_000.0 {
        format!("{:.1} s", ms / 1000.0)
    } else {
        let seconds = (ms / 1000.0).round();
        format!("{:.0} min {:.0} s", (seconds / 60.0).floor(), seconds % 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_parts_are_code_and_everything_is_escaped() {
        assert_eq!(rich("saw `<b>` & more").into_string(), "saw <code>&lt;b&gt;</code> &amp; more");
        assert_eq!(rich("a lone ` stays").into_string(), "a lone ` stays");
        assert_eq!(rich("a\n- b").into_string(), "a\n- b");
    }

    #[test]
    fn durations_have_a_fitting_unit() {
        assert_eq!(duration(12.4), "12 ms");
        assert_eq!(duration(4200.0), "4.2 s");
        assert_eq!(duration(200_000.0), "3 min 20 s");
    }
}
