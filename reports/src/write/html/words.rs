//! Small pieces of markup.

use crate::verdict::Verdict;
use maud::{Markup, html};

/// One line whose `quoted` parts are code.
pub(super) fn rich(line: &str) -> Markup {
    let parts: Vec<&str> = line.split('`').collect();
    html! {
        @if parts.len() % 2 == 1 {
            @for (index, part) in parts.iter().enumerate() {
                @if index % 2 == 1 { code { (part) } } @else { (part) }
            }
        } @else { (line) }
    }
}

/// A message of several lines; `- ` and `  - ` begin items of a list.
pub(super) fn lines(text: &str) -> Markup {
    let level = |line: &str| match line.find("- ") {
        Some(0) => Some("i1"),
        Some(2) if line.starts_with("  ") => Some("i2"),
        _ => None,
    };
    html! {
        span.lines {
            @for line in text.lines() {
                span class=[level(line)] {
                    @match line.trim_start().strip_prefix("- ") {
                        Some(item) => { "– " (rich(item)) },
                        None => (rich(line)),
                    }
                }
            }
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
    }

    #[test]
    fn items_of_a_message_are_told_by_their_indent() {
        let text = lines("saw 1:\n- audit\n  - effect\n-x").into_string();
        let expected = "<span class=\"lines\"><span>saw 1:</span><span class=\"i1\">– audit</span>\
            <span class=\"i2\">– effect</span><span>-x</span></span>";
        assert_eq!(text, expected);
    }

    #[test]
    fn durations_have_a_fitting_unit() {
        assert_eq!(duration(12.4), "12 ms");
        assert_eq!(duration(4200.0), "4.2 s");
        assert_eq!(duration(200_000.0), "3 min 20 s");
    }
}
