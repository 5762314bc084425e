//! Reads a rule file: continuations, quoting, chains, actions.

use super::action::{Role, actions};
use super::{Operator, Rule, Update, Variable, shown};
use crate::transform::Transform;
use thiserror::Error;

/// A rule file that is not one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}: {what}")]
pub struct ParseError {
    /// Line, from 1.
    pub line: usize,
    /// What was wrong.
    pub what: String,
}

/// What a rule file says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleFile {
    /// Its rules, chained ones inside their head.
    pub rules: Vec<Rule>,
    /// Changes of rules, of this file and others.
    pub updates: Vec<Update>,
}

/// All `SecRule`s of a file and what it changes of others; `SecAction` and settings carry no detection and are
/// passed over.
///
/// # Errors
/// A directive that does not start with `Sec`, an open quote, a rule without targets or operator, a rule
/// without id, a chain without an end, a change of rules that is not known here.
pub fn parse(text: &str) -> Result<RuleFile, ParseError> {
    let RuleFile { mut rules, mut updates } = RuleFile::default();
    let mut chaining = false;
    // Actions of the whole chain so far.
    let mut said = Vec::new();
    for (line, directive) in directives(text) {
        let words = words(&directive).map_err(|what| ParseError { line, what })?;
        match words.first().map(String::as_str) {
            None => {}
            Some("SecRule") => {
                let actions = actions(words.get(3).map_or("", String::as_str));
                let (rule, chains) = rule(&words, &actions, line)?;
                if !chaining {
                    said.clear();
                }
                said.extend(actions);
                if chaining {
                    let head = rules.last_mut().expect("a chain has a head");
                    head.role = Role::of(&said);
                    head.chain.push(rule);
                } else if rule.id == 0 {
                    return Err(ParseError { line, what: "a rule without id".to_owned() });
                } else {
                    rules.push(rule);
                }
                chaining = chains;
            }
            Some(name) if name.starts_with("Sec") => {
                updates.extend(Update::parse(&words).map_err(|what| ParseError { line, what })?);
            }
            Some(name) => {
                return Err(ParseError { line, what: format!("unknown directive `{}`", shown(name)) });
            }
        }
    }
    if chaining {
        let line = rules.last().map_or(0, |rule| rule.line);
        return Err(ParseError { line, what: "a chain without its last rule".to_owned() });
    }
    Ok(RuleFile { rules, updates })
}

/// Logical lines: comments left out, continuations joined.
pub(super) fn directives(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (at, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if open.is_none() && (trimmed.is_empty() || trimmed.starts_with('#')) {
            continue;
        }
        let (content, continues) = match trimmed.strip_suffix('\\') {
            Some(content) => (content, true),
            None => (trimmed, false),
        };
        let (_, directive) = open.get_or_insert_with(|| (at + 1, String::new()));
        directive.push_str(content);
        if !continues {
            found.extend(open.take());
        }
    }
    found.extend(open);
    found
}

/// Splits at white space outside double quotes; `\"` inside quotes is a quote, every other escape is the
/// operator's business.
pub(super) fn words(directive: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut chars = directive.chars().peekable();
    loop {
        while chars.next_if(|c| c.is_whitespace()).is_some() {}
        let Some(&first) = chars.peek() else {
            return Ok(words);
        };
        let mut word = String::new();
        if first == '"' {
            chars.next();
            loop {
                match chars.next() {
                    None => return Err("an open quote".to_owned()),
                    Some('"') => break,
                    Some('\\') => match chars.next() {
                        Some('"') => word.push('"'),
                        Some(other) => word.extend(['\\', other]),
                        None => return Err("an open quote".to_owned()),
                    },
                    Some(other) => word.push(other),
                }
            }
        } else {
            while let Some(c) = chars.next_if(|c| !c.is_whitespace()) {
                word.push(c);
            }
        }
        words.push(word);
    }
}

/// A rule, and whether it has the `chain` action.
fn rule(words: &[String], actions: &[(String, String)], line: usize) -> Result<(Rule, bool), ParseError> {
    let (Some(targets), Some(operator)) = (words.get(1), words.get(2)) else {
        return Err(ParseError { line, what: "a rule needs targets and an operator".to_owned() });
    };
    let (operator, negated) = Operator::parse(operator);
    let mut rule = Rule {
        id: 0,
        role: Role::of(actions),
        paranoia: 1,
        version: None,
        tags: Vec::new(),
        variables: Variable::parse_list(targets),
        operator,
        negated,
        transforms: Vec::new(),
        unknown_transforms: Vec::new(),
        multi_match: false,
        chain: Vec::new(),
        line,
    };
    let mut chains = false;
    for (name, value) in actions {
        match name.as_str() {
            "id" => {
                rule.id = value
                    .parse()
                    .map_err(|_| ParseError { line, what: format!("`{}` is no rule id", shown(value)) })?;
            }
            "chain" => chains = true,
            "ver" => {
                let version = value.strip_prefix("OWASP_CRS/").and_then(|version| version.split('.').next());
                rule.version = version.and_then(|version| version.parse().ok());
            }
            "multiMatch" => rule.multi_match = true,
            "tag" => {
                if let Some(level) =
                    value.strip_prefix("paranoia-level/").and_then(|level| level.parse().ok())
                {
                    rule.paranoia = level;
                }
                rule.tags.push(value.clone());
            }
            "t" if value == "none" => {
                rule.transforms.clear();
                rule.unknown_transforms.clear();
            }
            "t" => match Transform::named(value) {
                Some(transform) => rule.transforms.push(transform),
                None => rule.unknown_transforms.push(value.clone()),
            },
            _ => {}
        }
    }
    Ok((rule, chains))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAIN: &str = r#"
# a comment, with a continuation that is none \
SecRule ARGS|!ARGS:x "@rx a\"b\x5c[\\/]" \
    "id:1,\
    phase:2,\
    t:base64Decode,t:none,t:lowercase,t:urlDecodeUni,\
    msg:'one, two',\
    tag:'paranoia-level/2',\
    multiMatch,\
    chain"
    SecRule MATCHED_VARS "@pm = (" "t:none"
SecMarker END
SecAction "id:900,phase:1,nolog"
"#;

    #[test]
    fn a_chain_is_read_whole() {
        let rules = parse(CHAIN).unwrap().rules;
        assert_eq!(rules.len(), 1);
        let rule = &rules[0];
        assert_eq!((rule.id, rule.paranoia, rule.line, rule.multi_match), (1, 2, 3, true));
        assert_eq!(rule.operator, Operator::Regex(r#"a"b\x5c[\\/]"#.into()));
        assert_eq!(rule.transforms, [Transform::Lowercase, Transform::UrlDecodeUni]);
        assert_eq!(rule.chain.len(), 1);
        assert_eq!(rule.chain[0].operator, Operator::Words(vec!["=".into(), "(".into()]));
        assert_eq!(rule.role, Role::Detection);
    }

    #[test]
    fn what_the_end_of_a_chain_does_is_what_the_chain_does() {
        let text = |end: &str| {
            format!(
                "SecRule ARGS a \"id:1,pass,chain\"\nSecRule ARGS b \"{end}\"\nSecRule ARGS c \"id:2,pass\""
            )
        };
        let roles =
            |end: &str| parse(&text(end)).unwrap().rules.iter().map(|rule| rule.role).collect::<Vec<_>>();
        assert_eq!(roles("setvar:tx.anomaly_score=+5"), [Role::Detection, Role::Helper]);
        assert_eq!(roles("setvar:tx.seen=1"), [Role::Counter, Role::Helper]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        assert_eq!(parse("\nHello x").unwrap_err().to_string(), "line 2: unknown directive `Hello`");
        assert_eq!(parse("SecRule ARGS \"@rx a").unwrap_err().what, "an open quote");
        assert_eq!(parse("SecRule ARGS x \"id:5,chain\"").unwrap_err().what, "a chain without its last rule");
        assert_eq!(parse("SecRule ARGS x").unwrap_err().what, "a rule without id");
        assert_eq!(parse("SecRule ARGS x id:y").unwrap_err().what, "`y` is no rule id");
    }

    #[test]
    fn an_unknown_transformation_is_remembered() {
        let rules = parse("SecRule ARGS x \"id:7,t:sparkle\"").unwrap().rules;
        assert_eq!(rules[0].unknown_transforms, ["sparkle"]);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(SecRule|SecAction|SecRuleUpdateTargetById |SecRuleRemoveById |[0-9 -]|[A-Z_|:!&/\"'\\\\ ,\n@a-z#]){0,60}") {
            let _ = parse(&text);
        }

        #[test]
        fn any_operator_survives_quoting(pattern in "[ -~]{1,40}") {
            let quoted = pattern.replace('\\', "").replace('"', "\\\"");
            let rules = parse(&format!("SecRule ARGS \"@rx z{quoted}\" \"id:1\"")).unwrap().rules;
            let expected = Operator::parse(&format!("@rx z{}", pattern.replace('\\', ""))).0;
            proptest::prop_assert_eq!(&rules[0].operator, &expected);
        }
    }
}
