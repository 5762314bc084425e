//! The ways of sabotage, by name.

use super::kind::MessageKind;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// By how much a message is late where nobody says.
const USUAL_DELAY: Duration = Duration::from_secs(3);

/// Member of an audit that is altered where nobody says.
const USUAL_MEMBER: &str = "effect";

/// One way of sabotage. Its text form is its name in features, on the command line and in the history: `drop-audits`,
/// `delay-fences:3000`, `alter-audits:ruleName`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Sabotage {
    /// Messages of that kind do not arrive.
    Drop(MessageKind),
    /// They arrive so much later; others overtake them.
    Delay(MessageKind, Duration),
    /// Each arrives behind the next message that is no report, or two seconds later where none comes.
    Reorder(MessageKind),
    /// Each arrives twice. Of an audit the second has a number of its own, as if it had happened twice.
    Double(MessageKind),
    /// Each says something else: of an audit this member.
    Alter(MessageKind, String),
    /// Policy revisions behind the first of a connection do not arrive, and are said to be in force.
    LosePolicyUpdates,
}

impl fmt::Display for Sabotage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Drop(kind) => write!(f, "drop-{kind}"),
            Self::Delay(kind, by) => write!(f, "delay-{kind}:{}", by.as_millis()),
            Self::Reorder(kind) => write!(f, "reorder-{kind}"),
            Self::Double(kind) => write!(f, "double-{kind}"),
            Self::Alter(kind @ MessageKind::Audits, member) => write!(f, "alter-{kind}:{member}"),
            Self::Alter(kind, _) => write!(f, "alter-{kind}"),
            Self::LosePolicyUpdates => f.write_str("lose-policy-updates"),
        }
    }
}

/// A text that names no sabotage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is no sabotage: use drop, delay (:MILLISECONDS), reorder, double or alter (of audits :MEMBER), a hyphen, and audits, fences, \
     heartbeats, counters, policies or acknowledgements; or lose-policy-updates"
)]
pub struct BadSabotage(pub String);

impl FromStr for Sabotage {
    type Err = BadSabotage;

    fn from_str(text: &str) -> Result<Self, BadSabotage> {
        let bad = || BadSabotage(text.to_owned());
        if text == "lose-policy-updates" {
            return Ok(Self::LosePolicyUpdates);
        }
        let (name, more) = text.split_once(':').map_or((text, None), |(name, more)| (name, Some(more)));
        let (way, kind) = name.split_once('-').ok_or_else(bad)?;
        let kind = MessageKind::named(kind).ok_or_else(bad)?;
        match (way, more) {
            ("drop", None) => Ok(Self::Drop(kind)),
            ("delay", None) => Ok(Self::Delay(kind, USUAL_DELAY)),
            ("delay", Some(ms)) => {
                ms.parse().map(|ms| Self::Delay(kind, Duration::from_millis(ms))).map_err(|_| bad())
            }
            ("reorder", None) => Ok(Self::Reorder(kind)),
            ("double", None) => Ok(Self::Double(kind)),
            ("alter", None) => {
                Ok(Self::Alter(kind, if kind == MessageKind::Audits { USUAL_MEMBER } else { "" }.to_owned()))
            }
            ("alter", Some(member)) if kind == MessageKind::Audits && !member.is_empty() => {
                Ok(Self::Alter(kind, member.to_owned()))
            }
            _ => Err(bad()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_sabotage() -> impl Strategy<Value = Sabotage> {
        let kind = proptest::sample::select(MessageKind::ALL.to_vec());
        prop_oneof![
            kind.clone().prop_map(Sabotage::Drop),
            (kind.clone(), 0_u64..100_000)
                .prop_map(|(kind, ms)| Sabotage::Delay(kind, Duration::from_millis(ms))),
            kind.clone().prop_map(Sabotage::Reorder),
            kind.clone().prop_map(Sabotage::Double),
            "[a-zA-Z]{1,9}".prop_map(|member| Sabotage::Alter(MessageKind::Audits, member)),
            kind.prop_filter("audits have a member", |kind| *kind != MessageKind::Audits)
                .prop_map(|kind| Sabotage::Alter(kind, String::new())),
            Just(Sabotage::LosePolicyUpdates),
        ]
    }

    proptest! {
        #[test]
        fn a_sabotage_is_read_as_it_is_written(sabotage in any_sabotage()) {
            prop_assert_eq!(sabotage.to_string().parse::<Sabotage>(), Ok(sabotage));
        }
    }

    #[test]
    fn other_texts_name_none() {
        for text in [
            "",
            "drop",
            "drop-",
            "drop-all",
            "lose-audits",
            "drop-audits:1",
            "delay-audits:x",
            "alter-fences:id",
            "alter-audits:",
        ] {
            assert_eq!(text.parse::<Sabotage>(), Err(BadSabotage(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_is_not_said_is_as_usual() {
        assert_eq!("delay-audits".parse::<Sabotage>().unwrap().to_string(), "delay-audits:3000");
        assert_eq!("alter-audits".parse::<Sabotage>().unwrap().to_string(), "alter-audits:effect");
    }
}
