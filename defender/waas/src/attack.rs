//! The protections of the app firewall: one table, from which everything else about them is drawn.

use crate::set::{IndexSet, words};
use proofhouse_protocol::waas_policy::{ApplicationSpec, Protection as Settings};
use std::fmt;

/// What the rules of a protection read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reads {
    /// What they name themselves.
    Named,
    /// Every place that an application reads values from, if they name arguments.
    Values,
    /// These, and the `User-Agent`, where the vendor's matrix says so (section 2.7 of `waas.md`).
    ValuesAndUserAgent,
}

/// One line of the table.
#[derive(Debug)]
pub struct Protection {
    /// In messages; only that of local file inclusion is the product's (section 1.5 of `waas.md`).
    pub name: &'static str,
    /// `type` of its audits.
    pub audit_type: &'static str,
    /// Its settings in an app.
    pub settings: fn(&ApplicationSpec) -> &Settings,
    /// Rules of the Core Rule Set that serve it (section 3.2 of `waas.md`), by number, or as a group by their first three
    /// digits; a number goes before a group.
    pub rules: &'static [(u32, Reads)],
}

/// Makes the enum and the table of it.
macro_rules! protections {
    ($(#[$about:meta])* enum $attack:ident {
        $($(#[$doc:meta])* $variant:ident {
            name: $name:literal,
            audits: $audits:literal,
            policy: $member:ident,
            rules: [$($rule:literal => $reads:ident),*],
        })*
    }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $attack {
            $($(#[$doc])* $variant,)*
        }

        impl $attack {
            /// In order of evaluation.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            const TABLE: &[Protection] = &[$(Protection {
                name: $name,
                audit_type: $audits,
                settings: |app| &app.$member,
                rules: &[$(($rule, Reads::$reads)),*],
            }),*];
        }
    };
}

protections! {
    /// A protection.
    ///
    /// The order is that of evaluation (section 3.2 of `waas.md` wants local file inclusion before command
    /// injection; the rest is a declared choice: what looks at one place goes before what looks everywhere).
    enum Attack {
        /// Broken or contradictory requests.
        MalformedRequest {
            name: "Malformed Request",
            audits: "malformedRequest",
            policy: malformed_req,
            rules: [921 => Named, 922 => Named],
        }
        /// Scanners and crawlers.
        AttackTools {
            name: "Attack Tools",
            audits: "attackTools",
            policy: attack_tools,
            rules: [913 => Named],
        }
        /// CVE-2014-6271.
        Shellshock {
            name: "Shellshock",
            audits: "shellshock",
            policy: shellshock,
            rules: [932_170 => Values, 932_171 => Values],
        }
        /// Local file inclusion, path traversal.
        Lfi {
            name: "Local File Inclusion",
            audits: "lfi",
            policy: lfi,
            rules: [930 => ValuesAndUserAgent],
        }
        /// SQL injection.
        Sqli {
            name: "SQL Injection",
            audits: "sqli",
            policy: sqli,
            rules: [942 => ValuesAndUserAgent],
        }
        /// Cross-site scripting.
        Xss {
            name: "Cross-Site Scripting",
            audits: "xss",
            policy: xss,
            rules: [941 => Values],
        }
        /// PHP, Java, JavaScript and remote file inclusion; remote files by address are normal in headers and paths.
        CodeInjection {
            name: "Code Injection",
            audits: "codeInjection",
            policy: code_injection,
            rules: [931 => Named, 933 => Values, 934 => Values, 944 => Values],
        }
        /// Operating system commands.
        Cmdi {
            name: "OS Command Injection",
            audits: "cmdi",
            policy: cmdi,
            rules: [932 => ValuesAndUserAgent],
        }
    }
}

impl Attack {
    /// Its line of the table.
    #[must_use]
    pub fn protection(self) -> &'static Protection {
        &Self::TABLE[self as usize]
    }

    /// `type` of its audits.
    #[must_use]
    pub fn audit_type(self) -> &'static str {
        self.protection().audit_type
    }

    /// The protection that a rule of the Core Rule Set serves, if it serves one, and what the rule reads.
    #[must_use]
    pub fn of_rule(id: u32) -> Option<(Self, Reads)> {
        let find = |number: u32| {
            Self::ALL.iter().find_map(|attack| {
                let rule = attack.protection().rules.iter().find(|(rule, _)| *rule == number)?;
                Some((*attack, rule.1))
            })
        };
        find(id).or_else(|| find(id / 1000))
    }
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.protection().name)
    }
}

/// A set of protections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AttackSet(IndexSet<{ words(Attack::ALL.len()) }>);

impl AttackSet {
    /// None.
    pub const NONE: Self = Self(IndexSet::NONE);
    /// All of them.
    pub const ALL: Self = Self(IndexSet::first(Attack::ALL.len()));

    /// Just one.
    #[must_use]
    pub fn only(attack: Attack) -> Self {
        Self::from_iter([attack])
    }

    /// Whether it is in the set.
    #[must_use]
    pub fn has(self, attack: Attack) -> bool {
        self.0.has(attack as usize)
    }

    /// Puts one in.
    pub fn insert(&mut self, attack: Attack) {
        self.0.insert(attack as usize);
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0.and(other.0))
    }

    /// What is in either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0.or(other.0))
    }

    /// What is in the first, but not in the second.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0.without(other.0))
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Attack> for AttackSet {
    fn from_iter<T: IntoIterator<Item = Attack>>(attacks: T) -> Self {
        let mut set = Self::NONE;
        attacks.into_iter().for_each(|attack| set.insert(attack));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_line_of_the_table_says_what_another_says() {
        let names: HashSet<_> = Attack::ALL.iter().map(ToString::to_string).collect();
        let types: HashSet<_> = Attack::ALL.iter().map(|attack| attack.audit_type()).collect();
        let rules: Vec<_> =
            Attack::ALL.iter().flat_map(|attack| attack.protection().rules).map(|(rule, _)| rule).collect();
        assert_eq!((names.len(), types.len()), (Attack::ALL.len(), Attack::ALL.len()));
        assert_eq!(rules.iter().collect::<HashSet<_>>().len(), rules.len());
    }

    #[test]
    fn a_rule_serves_the_protection_of_its_number_before_that_of_its_group() {
        assert_eq!(Attack::of_rule(932_170), Some((Attack::Shellshock, Reads::Values)));
        assert_eq!(Attack::of_rule(932_100), Some((Attack::Cmdi, Reads::ValuesAndUserAgent)));
        assert_eq!(Attack::of_rule(931_100), Some((Attack::CodeInjection, Reads::Named)));
        assert_eq!(Attack::of_rule(949_110), None);
    }

    #[test]
    fn the_settings_of_a_protection_are_its_own() {
        for attack in Attack::ALL {
            let json = serde_json::json!({(setting(*attack)): {"effect": "ban"}});
            let app: ApplicationSpec = serde_json::from_value(json).unwrap();
            let on = Attack::ALL.iter().filter(|other| {
                (other.protection().settings)(&app).effect == proofhouse_protocol::WaasEffect::Ban
            });
            assert_eq!(on.collect::<Vec<_>>(), [attack]);
        }
    }

    /// The member of the schema is the type of the audits, but for one.
    fn setting(attack: Attack) -> &'static str {
        match attack.audit_type() {
            "malformedRequest" => "malformedReq",
            other => other,
        }
    }

    /// A table that is longer than ours, made as ours is.
    mod longer {
        use super::super::{Protection, Reads};

        macro_rules! nine {
            ($($variant:ident)*) => {
                protections! {
                    /// Any.
                    enum Many {
                        $(/// One.
                        $variant {
                            name: "one",
                            audits: "one",
                            policy: sqli,
                            rules: [1 => Named],
                        })*
                    }
                }
            };
        }
        nine! { A B C D E F G H I }

        #[test]
        fn a_ninth_protection_is_told_from_the_first() {
            use crate::set::{IndexSet, words};
            assert_eq!((Many::ALL.len(), Many::TABLE.len()), (9, 9));
            for in_it in Many::ALL {
                let mut set = IndexSet::<{ words(Many::ALL.len()) }>::NONE;
                set.insert(*in_it as usize);
                let found: Vec<_> = Many::ALL.iter().filter(|many| set.has(**many as usize)).collect();
                assert_eq!(found, [in_it]);
            }
        }
    }
}
