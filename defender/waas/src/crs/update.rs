//! Directives that change rules from outside: by them a rule set frees values that are known to be honest.

use super::{Rule, Variable, shown};

/// A change of rules, by their numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Update {
    /// First and last number, both included.
    ids: Vec<(u32, u32)>,
    /// Targets that are added or, behind a `!`, taken away; `None` takes the rules themselves away.
    variables: Option<Vec<Variable>>,
}

impl Update {
    /// Reads `SecRuleUpdateTargetById` and `SecRuleRemoveById`; `None` for a directive that changes no rule.
    ///
    /// # Errors
    /// A directive that changes rules in a way that is not known here, or rules without numbers.
    pub(super) fn parse(words: &[String]) -> Result<Option<Self>, String> {
        let name = words.first().map_or("", String::as_str);
        let argument = |at: usize| words.get(at).map_or("", String::as_str);
        let update = match name {
            "SecRuleUpdateTargetById" => {
                if argument(2).is_empty() || words.len() > 3 {
                    return Err(format!("`{name}` needs numbers and targets"));
                }
                Self { ids: numbers(argument(1))?, variables: Some(Variable::parse_list(argument(2))) }
            }
            "SecRuleRemoveById" => {
                let ids = words.iter().skip(1).map(|word| numbers(word)).collect::<Result<Vec<_>, _>>()?;
                Self { ids: ids.concat(), variables: None }
            }
            _ if name.starts_with("SecRuleUpdate") || name.starts_with("SecRuleRemove") => {
                return Err(format!("`{}` is not known", shown(name)));
            }
            _ => return Ok(None),
        };
        if update.ids.is_empty() {
            return Err(format!("`{name}` needs numbers"));
        }
        Ok(Some(update))
    }

    /// Applies it to the rules that it means.
    pub fn apply(&self, rules: &mut Vec<Rule>) {
        let meant = |rule: &Rule| self.ids.iter().any(|(first, last)| (*first..=*last).contains(&rule.id));
        match &self.variables {
            None => rules.retain(|rule| !meant(rule)),
            Some(variables) => rules
                .iter_mut()
                .filter(|rule| meant(rule))
                .for_each(|rule| rule.variables.extend_from_slice(variables)),
        }
    }
}

/// Numbers and ranges between white space or commas.
fn numbers(text: &str) -> Result<Vec<(u32, u32)>, String> {
    text.split([' ', ','])
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let number =
                |text: &str| text.parse::<u32>().map_err(|_| format!("`{}` is no rule id", shown(part)));
            Ok((number(first)?, number(last)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    const RULES: &str = "SecRule ARGS a id:1\nSecRule ARGS b id:2\nSecRule ARGS c id:3\n";

    fn changed(directive: &str) -> Result<Vec<(u32, usize)>, String> {
        let file = parse(&format!("{RULES}{directive}")).map_err(|error| error.what)?;
        let mut rules = file.rules;
        file.updates.iter().for_each(|update| update.apply(&mut rules));
        Ok(rules.iter().map(|rule| (rule.id, rule.variables.len())).collect())
    }

    #[test]
    fn rules_are_changed_by_number() {
        assert_eq!(
            changed("SecRuleUpdateTargetById 2 \"!ARGS:x|!ARGS:y\"").unwrap(),
            [(1, 1), (2, 3), (3, 1)]
        );
        assert_eq!(changed("SecRuleUpdateTargetById 2-9 !ARGS:x").unwrap(), [(1, 1), (2, 2), (3, 2)]);
        assert_eq!(changed("SecRuleRemoveById 1 \"3-4\"").unwrap(), [(2, 1)]);
        assert_eq!(changed("SecMarker END").unwrap().len(), 3);
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for (directive, why) in [
            ("SecRuleRemoveByTag x", "`SecRuleRemoveByTag` is not known"),
            ("SecRuleUpdateActionById 1 pass", "`SecRuleUpdateActionById` is not known"),
            ("SecRuleRemoveById x", "`x` is no rule id"),
            ("SecRuleRemoveById", "`SecRuleRemoveById` needs numbers"),
            ("SecRuleUpdateTargetById 1", "`SecRuleUpdateTargetById` needs numbers and targets"),
        ] {
            assert_eq!(changed(directive).unwrap_err(), why);
        }
    }
}
