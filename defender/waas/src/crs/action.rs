//! What a rule is for, told from its actions.

use std::fmt;

/// What becomes of a request for which a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Something was found: the rule blocks, or raises an anomaly score.
    Detection,
    /// Other rules, or the engine, are changed or skipped (`ctl`, `skipAfter`); the request goes on.
    Control,
    /// A variable is set for rules behind it (`setvar`); the request goes on.
    Counter,
    /// Nothing but that the request goes on.
    Helper,
}

impl Role {
    /// The role of a rule with these actions, as names and values; those of rules chained to it count as its own.
    ///
    /// A rule without a disruptive action takes the default one, as `block` does. A rule that passes, but raises an
    /// anomaly score, is a detection: the score is what the rule set blocks by.
    #[must_use]
    pub fn of(actions: &[(String, String)]) -> Self {
        let has = |name: &str| actions.iter().any(|(known, _)| known == name);
        let scores = |(name, value): &(String, String)| {
            name == "setvar"
                && value.split_once('=').is_some_and(|(variable, change)| {
                    variable.to_ascii_lowercase().contains("anomaly_score") && change.starts_with('+')
                })
        };
        if !(has("pass") || has("allow")) || actions.iter().any(scores) {
            Self::Detection
        } else if has("allow") || has("ctl") || has("skip") || has("skipAfter") {
            Self::Control
        } else if has("setvar") {
            Self::Counter
        } else {
            Self::Helper
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Detection => "detection",
            Self::Control => "control",
            Self::Counter => "counter",
            Self::Helper => "helper",
        })
    }
}

/// `name` or `name:value`, split at commas outside single quotes.
pub(super) fn actions(text: &str) -> Vec<(String, String)> {
    let mut parts = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\'' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().expect("there is always one part").push(c);
    }
    parts
        .iter()
        .map(|part| part.trim())
        .filter(|part| !part.is_empty())
        .map(|part| match part.split_once(':') {
            Some((name, value)) => (name.trim().to_owned(), value.trim().trim_matches('\'').to_owned()),
            None => (part.to_owned(), String::new()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_what_its_actions_say() {
        for (text, role) in [
            ("id:1,phase:2,block,msg:'a, pass, b',setvar:'tx.score=+5'", Role::Detection),
            ("id:1,deny", Role::Detection),
            ("id:1,msg:'the default'", Role::Detection),
            ("id:1,pass,log,setvar:'tx.inbound_anomaly_score_pl1=+5'", Role::Detection),
            ("id:1,pass,nolog,skipAfter:END", Role::Control),
            ("id:1,pass,nolog,ctl:ruleRemoveTargetByTag=x;ARGS", Role::Control),
            ("id:1,allow,ctl:ruleEngine=Off", Role::Control),
            ("id:1,pass,nolog,setvar:'TX.paramcounter_%{MATCHED_VAR_NAME}=+1'", Role::Counter),
            ("id:1,pass,nolog,setvar:tx.anomaly_score=0", Role::Counter),
            ("id:1,pass,nolog", Role::Helper),
        ] {
            assert_eq!(Role::of(&actions(text)), role, "{text}");
        }
    }

    #[test]
    fn commas_in_quotes_do_not_split() {
        let expected = [("msg", "one, two"), ("t", "none"), ("log", "")];
        assert_eq!(
            actions("msg:'one, two', t:none,,log"),
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }
}
