//! Saboteurs: what goes wrong between a Defender and its surroundings, whichever Defender it is.
//!
//! What a saboteur does seems to be the Defender's doing, and a suite that is worth its name notices it. Some break no promise: what the
//! link allows, and an honest Defender must bear. No scenario may hold those against it.

use proofhouse_console::Sabotage;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// By how much answers of DNS are late where nobody says: less than what any resolver of a container waits for.
const USUAL_LATENESS: Duration = Duration::from_millis(1500);

/// What a saboteur does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Saboteur {
    /// Something to the messages of the Defender link.
    Link(Sabotage),
    /// The resolver answers so much later.
    LateDns(Duration),
}

/// Whether a saboteur makes of an honest Defender one that breaks its promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// It does: some scenario must not pass.
    Breaks,
    /// It does not: every scenario must pass all the same.
    MustBeBorne,
}

/// A saboteur that `proofhouse bite` sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub name: &'static str,
    /// What it does, in words.
    pub what: &'static str,
    /// Whether that breaks a promise.
    pub harm: Harm,
}

/// Those that `proofhouse bite` sends, in this order.
pub const KNOWN: [Known; 26] = [
    breaks("drop-audits", "no audit arrives"),
    breaks("delay-audits:3000", "audits arrive three seconds late, behind fences"),
    breaks("reorder-audits", "audits arrive behind the next message, which is the answer to a fence"),
    breaks("double-audits", "each audit arrives as two"),
    breaks("alter-audits:effect", "audits tell another effect"),
    breaks("alter-audits:ruleName", "audits tell another rule"),
    breaks("alter-audits:time", "audits tell a time that is an hour later"),
    breaks("alter-audits:attackType", "audits tell another attack"),
    breaks("alter-audits:appID", "audits tell another app"),
    breaks("alter-audits:pid", "audits tell another process"),
    breaks("alter-audits:containerName", "audits tell another container"),
    breaks("alter-audits:domain", "audits tell another name that was looked up"),
    breaks("alter-audits:msg", "the messages of audits break off in the middle"),
    breaks("drop-fences", "no fence is answered"),
    breaks("alter-fences", "fences are answered in the name of no container"),
    breaks("alter-counters", "the Defender says that it has lost an audit"),
    breaks("drop-policies", "changes of the policy do not arrive"),
    breaks("lose-policy-updates", "changes of the policy do not arrive, and are said to be in force"),
    breaks("alter-policies", "what shall be prevented is only told, and the other way round"),
    borne("late-dns:1500", "the resolver answers a second and a half late"),
    borne("delay-policies:1000", "changes of the policy arrive a second late"),
    borne("double-policies", "each policy arrives twice"),
    borne("drop-acknowledgements", "no audit is acknowledged"),
    borne("alter-acknowledgements", "more is acknowledged than was ever sent"),
    borne("delay-fences:500", "fences are answered half a second late"),
    borne("double-counters", "counters arrive twice"),
];

const fn breaks(name: &'static str, what: &'static str) -> Known {
    Known { name, what, harm: Harm::Breaks }
}

const fn borne(name: &'static str, what: &'static str) -> Known {
    Known { name, what, harm: Harm::MustBeBorne }
}

/// A text that names no saboteur.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no saboteur: `proofhouse run --saboteur help` lists them")]
pub struct BadSaboteur(pub String);

impl FromStr for Saboteur {
    type Err = BadSaboteur;

    fn from_str(text: &str) -> Result<Self, BadSaboteur> {
        let bad = || BadSaboteur(text.to_owned());
        match text.strip_prefix("late-dns") {
            Some("") => Ok(Self::LateDns(USUAL_LATENESS)),
            Some(rest) => {
                let ms = rest.strip_prefix(':').and_then(|ms| ms.parse().ok()).ok_or_else(bad)?;
                Ok(Self::LateDns(Duration::from_millis(ms)))
            }
            None => text.parse().map(Self::Link).map_err(|_| bad()),
        }
    }
}

impl fmt::Display for Saboteur {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(sabotage) => sabotage.fmt(f),
            Self::LateDns(by) => write!(f, "late-dns:{}", by.as_millis()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_that_is_known_is_one_and_is_written_as_it_is_named() {
        let names: BTreeSet<&str> = KNOWN.iter().map(|known| known.name).collect();
        assert_eq!(names.len(), KNOWN.len());
        for known in KNOWN {
            assert_eq!(known.name.parse::<Saboteur>().unwrap().to_string(), known.name);
        }
    }

    #[test]
    fn other_texts_name_none() {
        for text in ["", "help", "late-dns:", "late-dns:x", "drop-dns", "late-dnss"] {
            assert_eq!(text.parse::<Saboteur>(), Err(BadSaboteur(text.to_owned())));
        }
        assert_eq!("late-dns".parse::<Saboteur>().unwrap().to_string(), "late-dns:1500");
    }
}
