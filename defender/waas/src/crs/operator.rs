//! Operators of the rule language, as far as the detection families use them.

/// What a rule asks of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operator {
    /// `@rx`: a regular expression in PCRE's dialect.
    Regex(String),
    /// `@pm`: words, found anywhere, without regard to case.
    Words(Vec<String>),
    /// `@pmFromFile`: a file of words, beside the rules.
    WordFile(String),
    /// `@streq`: the whole value.
    Equals(String),
    /// `@contains`: a text, anywhere.
    Contains(String),
    /// `@beginsWith`.
    Begins(String),
    /// `@endsWith`.
    Ends(String),
    /// `@detectSQLi`.
    DetectSqli,
    /// `@detectXSS`.
    DetectXss,
    /// Any other operator: name and argument.
    Other(String, String),
}

impl Operator {
    /// Reads `@name argument`, or a bare regular expression; and whether it was negated.
    #[must_use]
    pub fn parse(text: &str) -> (Self, bool) {
        let (text, negated) = match text.strip_prefix('!') {
            Some(rest) if rest.starts_with('@') => (rest, true),
            _ => (text, false),
        };
        let Some(rest) = text.strip_prefix('@') else {
            return (Self::Regex(text.to_owned()), negated);
        };
        let (name, argument) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let operator = match name {
            "rx" => Self::Regex(argument.to_owned()),
            "pm" => Self::Words(argument.split_whitespace().map(str::to_owned).collect()),
            "pmFromFile" | "pmf" => Self::WordFile(argument.trim().to_owned()),
            "streq" if is_literal(argument) => Self::Equals(argument.to_owned()),
            "contains" if is_literal(argument) => Self::Contains(argument.to_owned()),
            "beginsWith" if is_literal(argument) => Self::Begins(argument.to_owned()),
            "endsWith" if is_literal(argument) => Self::Ends(argument.to_owned()),
            "detectSQLi" => Self::DetectSqli,
            "detectXSS" => Self::DetectXss,
            other => Self::Other(other.to_owned(), argument.to_owned()),
        };
        (operator, negated)
    }
}

/// Whether an argument is text, without a variable that is put in when the rule runs.
fn is_literal(argument: &str) -> bool {
    !argument.is_empty() && !argument.contains("%{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_pattern_is_a_regular_expression() {
        assert_eq!(Operator::parse("^a b$"), (Operator::Regex("^a b$".into()), false));
        assert_eq!(Operator::parse("!@rx ^0?$"), (Operator::Regex("^0?$".into()), true));
        assert_eq!(Operator::parse("!x"), (Operator::Regex("!x".into()), false));
    }

    #[test]
    fn texts_are_taken_as_they_are() {
        assert_eq!(Operator::parse("@streq 1"), (Operator::Equals("1".into()), false));
        assert_eq!(Operator::parse("!@contains a.b"), (Operator::Contains("a.b".into()), true));
        let variable = Operator::parse("@endsWith .%{request_headers.host}").0;
        assert!(matches!(variable, Operator::Other(name, _) if name == "endsWith"));
    }

    #[test]
    fn words_are_split_at_white_space() {
        assert_eq!(Operator::parse("@pm a  b"), (Operator::Words(vec!["a".into(), "b".into()]), false));
    }
}
