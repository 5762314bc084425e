//! Custom rules of the rule in scope: they decide before its sections (section 3.6 of `runtime-and-embed.md`).

use jiff::Timestamp;
use proofhouse_custom_rules::{Event, Phase, Script};
use proofhouse_protocol::runtime_policy::RuntimeRule;
use proofhouse_protocol::{CustomRule, WaasEffect};
use serde::{Deserialize, Serialize};

/// A custom rule and the effect with which it is attached; what the sidecar sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AttachedRule {
    /// The rule.
    pub rule: CustomRule,
    /// Effect.
    pub effect: WaasEffect,
}

/// What a rule attaches, in its order. What it attaches and the Console did not send is nothing: the Console refuses it.
#[must_use]
pub fn attached(rule: &RuntimeRule, known: &[CustomRule]) -> Vec<AttachedRule> {
    let found = rule.custom_rules.iter().filter_map(|reference| {
        let rule = known.iter().find(|rule| rule.id == reference.id)?.clone();
        Some(AttachedRule { rule, effect: reference.effect })
    });
    found.collect()
}

/// What a custom rule does with what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CustomEffect {
    /// It does not happen, and is told of.
    Prevent,
    /// It happens, and is told of.
    Alert,
    /// It happens, and nobody hears of it.
    Allow,
}

impl CustomEffect {
    /// Other words of the schema are not those of App-Embedded, and do nothing (declared choice).
    fn of(effect: WaasEffect) -> Option<Self> {
        match effect {
            WaasEffect::Prevent => Some(Self::Prevent),
            WaasEffect::Alert => Some(Self::Alert),
            WaasEffect::Allow => Some(Self::Allow),
            WaasEffect::Ban | WaasEffect::Disable | WaasEffect::ReCaptcha => None,
        }
    }
}

/// A compiled custom rule.
#[derive(Debug, Clone)]
pub struct CustomDecision {
    /// Effect.
    pub effect: CustomEffect,
    /// What its audits say: its message, or its name where it has none (declared choice).
    pub message: String,
    script: Script,
}

/// Those of one plane, in their order.
#[derive(Debug, Clone, Default)]
pub struct CustomRules(Vec<CustomDecision>);

impl CustomRules {
    /// Compiles those of a plane. One that cannot be understood, or that would prevent by a command line, is nothing: the Console
    /// refuses both.
    #[must_use]
    pub fn compile(attached: &[AttachedRule], plane: Phase) -> Self {
        let own = attached.iter().filter(|one| Phase::of_rule_type(&one.rule.kind) == Some(plane));
        let compiled = own.filter_map(|AttachedRule { rule, effect }| {
            let script = Script::parse(&rule.script, plane).ok()?;
            let message = if rule.message.is_empty() { &rule.name } else { &rule.message };
            let effect = CustomEffect::of(*effect)?;
            let blind = effect == CustomEffect::Prevent && script.needs_command_line();
            (!blind).then(|| CustomDecision { effect, message: message.clone(), script })
        });
        Self(compiled.collect())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them prevents.
    #[must_use]
    pub fn prevents(&self) -> bool {
        self.0.iter().any(|rule| rule.effect == CustomEffect::Prevent)
    }

    /// The first one that holds. What a section prevents anyway never runs, so that nobody knows its command line: a rule that looks
    /// at it cannot save it. `is_prevented` is asked only where there is such a rule.
    #[must_use]
    pub fn decide(&self, event: &dyn Event, is_prevented: impl Fn() -> bool) -> Option<&CustomDecision> {
        if self.0.is_empty() {
            return None;
        }
        let now = Timestamp::now().as_second();
        self.0.iter().find(|rule| {
            let blind = rule.script.needs_command_line() && is_prevented();
            !blind && rule.script.evaluate(event, now).is_some()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofhouse_custom_rules::{Fields, MapAttribute, RuntimeText, TextAttribute};
    use serde_json::json;
    use std::borrow::Cow;
    use std::net::IpAddr;

    struct Started;

    impl Event for Started {
        fn text(&self, attribute: TextAttribute) -> Cow<'_, [u8]> {
            let text = match attribute {
                TextAttribute::Runtime(RuntimeText::Name) => "mkdir",
                TextAttribute::Runtime(RuntimeText::CommandLine) => "mkdir -p /tmp/x",
                _ => "",
            };
            text.as_bytes().into()
        }

        fn fields(&self, _: MapAttribute) -> Fields<'_> {
            Box::new(std::iter::empty())
        }

        fn peer_address(&self) -> Option<IpAddr> {
            None
        }

        fn status_code(&self) -> Option<u16> {
            None
        }
    }

    fn rules(list: &[(&str, &str, &str)]) -> CustomRules {
        let attached: Vec<AttachedRule> = list
            .iter()
            .enumerate()
            .map(|(id, (kind, script, effect))| {
                let rule = json!({"_id": id, "name": format!("rule {id}"), "type": kind, "script": script});
                serde_json::from_value(json!({"rule": rule, "effect": effect})).unwrap()
            })
            .collect();
        CustomRules::compile(&attached, Phase::Process)
    }

    fn decided(list: &[(&str, &str, &str)], is_prevented: bool) -> Option<(CustomEffect, String)> {
        let rules = rules(list);
        rules.decide(&Started, || is_prevented).map(|rule| (rule.effect, rule.message.clone()))
    }

    const MKDIR: &str = r#"proc.name = "mkdir""#;
    const LINE: &str = r#"proc.cmdline contains "/tmp/x""#;

    #[test]
    fn the_top_most_that_holds_decides() {
        let (allow, prevent) = (("processes", MKDIR, "allow"), ("processes", MKDIR, "prevent"));
        let other = ("processes", r#"proc.name = "rmdir""#, "alert");
        assert_eq!(
            decided(&[other, allow, prevent], false),
            Some((CustomEffect::Allow, "rule 1".to_owned()))
        );
        assert_eq!(decided(&[prevent, allow], false), Some((CustomEffect::Prevent, "rule 0".to_owned())));
        assert_eq!(decided(&[other], false), None);
        assert!(rules(&[other, prevent]).prevents() && !rules(&[other, allow]).prevents());
    }

    #[test]
    fn what_is_of_another_plane_or_of_no_effect_is_nothing() {
        for one in [
            ("network-outgoing", MKDIR, "prevent"),
            ("processes", MKDIR, "disable"),
            ("processes", MKDIR, "ban"),
            ("processes", "req.path = \"/\"", "prevent"),
            ("processes", LINE, "prevent"),
        ] {
            assert!(rules(&[one]).is_empty(), "{one:?}");
        }
    }

    #[test]
    fn a_command_line_saves_nothing_that_is_prevented() {
        let line = ("processes", LINE, "allow");
        assert_eq!(decided(&[line], false).unwrap().0, CustomEffect::Allow);
        assert_eq!(decided(&[line], true), None);
        let name = ("processes", MKDIR, "alert");
        assert_eq!(decided(&[line, name], true), Some((CustomEffect::Alert, "rule 1".to_owned())));
    }
}
