//! The protections of the app firewall, in the order in which they decide.

use std::fmt;

/// A protection.
///
/// The order is that of evaluation (section 3.2 of `waas.md` wants local file inclusion before command
/// injection; the rest is a declared choice: what looks at one place goes before what looks everywhere).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Attack {
    /// Broken or contradictory requests.
    MalformedRequest,
    /// Scanners and crawlers.
    AttackTools,
    /// CVE-2014-6271.
    Shellshock,
    /// Local file inclusion, path traversal.
    Lfi,
    /// SQL injection.
    Sqli,
    /// Cross-site scripting.
    Xss,
    /// PHP, Java, JavaScript and remote file inclusion.
    CodeInjection,
    /// Operating system commands.
    Cmdi,
}

impl Attack {
    /// In order of evaluation.
    pub const ALL: [Self; 8] = [
        Self::MalformedRequest,
        Self::AttackTools,
        Self::Shellshock,
        Self::Lfi,
        Self::Sqli,
        Self::Xss,
        Self::CodeInjection,
        Self::Cmdi,
    ];

    /// `type` of its audits.
    #[must_use]
    pub fn audit_type(self) -> &'static str {
        match self {
            Self::MalformedRequest => "malformedRequest",
            Self::AttackTools => "attackTools",
            Self::Shellshock => "shellshock",
            Self::Lfi => "lfi",
            Self::Sqli => "sqli",
            Self::Xss => "xss",
            Self::CodeInjection => "codeInjection",
            Self::Cmdi => "cmdi",
        }
    }

    /// Protection of a rule of the Core Rule Set (section 3.2 of `waas.md`), if it serves one.
    #[must_use]
    pub fn of_rule(id: u32) -> Option<Self> {
        Some(match id {
            932_170 | 932_171 => Self::Shellshock,
            _ => match id / 1000 {
                913 => Self::AttackTools,
                921 | 922 => Self::MalformedRequest,
                930 => Self::Lfi,
                931 | 933 | 934 | 944 => Self::CodeInjection,
                932 => Self::Cmdi,
                941 => Self::Xss,
                942 => Self::Sqli,
                _ => return None,
            },
        })
    }
}

impl fmt::Display for Attack {
    /// The name in messages; only that of local file inclusion is the product's (section 1.5 of `waas.md`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MalformedRequest => "Malformed Request",
            Self::AttackTools => "Attack Tools",
            Self::Shellshock => "Shellshock",
            Self::Lfi => "Local File Inclusion",
            Self::Sqli => "SQL Injection",
            Self::Xss => "Cross-Site Scripting",
            Self::CodeInjection => "Code Injection",
            Self::Cmdi => "OS Command Injection",
        })
    }
}

/// A set of protections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AttackSet(u8);

impl AttackSet {
    /// None.
    pub const NONE: Self = Self(0);
    /// All of them.
    pub const ALL: Self = Self(u8::MAX);

    /// Just one.
    #[must_use]
    pub fn only(attack: Attack) -> Self {
        Self(1 << attack as u8)
    }

    /// Whether it is in the set.
    #[must_use]
    pub fn has(self, attack: Attack) -> bool {
        self.0 & (1 << attack as u8) != 0
    }

    /// Puts one in.
    pub fn insert(&mut self, attack: Attack) {
        self.0 |= 1 << attack as u8;
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in the first, but not in the second.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Attack> for AttackSet {
    fn from_iter<T: IntoIterator<Item = Attack>>(attacks: T) -> Self {
        let mut set = Self::NONE;
        attacks.into_iter().for_each(|attack| set.insert(attack));
        set
    }
}
