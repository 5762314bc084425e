//! Which programs may run (section 3.3 of `runtime-and-embed.md`).

use super::{Case, Pattern};
use proofhouse_protocol::RuleEffect;
use proofhouse_protocol::runtime_policy::ProcessSection;
use proofhouse_protocol::semantics::{EmptyLists, Semantics};

/// A program that is about to run.
#[derive(Debug, Clone, Copy)]
pub struct Launch<'a> {
    /// The executable that the kernel runs, symbolic links and interpreters resolved.
    pub executable: &'a str,
    /// The path or name that the caller gave: a link, an applet, a script.
    pub invoked: &'a str,
    /// Whether the executable was created or changed after the container's start.
    pub modified: bool,
}

/// Why a program is not fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// On the deny list, or missing on the allow list.
    Denied,
    /// Known name of a crypto miner.
    CryptoMiner,
    /// Created or changed after the container's start.
    Modified,
}

impl Violation {
    /// The `attackType` of its audit.
    #[must_use]
    pub fn attack_type(self) -> &'static str {
        match self {
            Self::Denied => "explicitlyDeniedProcess",
            Self::CryptoMiner => "cryptoMinerProcess",
            Self::Modified => "modifiedProcess",
        }
    }

    /// The MITRE technique of its audit [ATT].
    #[must_use]
    pub fn technique(self) -> &'static str {
        match self {
            Self::Denied => "nativeBinaryExecution",
            Self::CryptoMiner => "resourceHijacking",
            Self::Modified => "foreignBinaryExecution",
        }
    }

    /// The severity of its audit: `high` for explicit denials and crypto miners (declared choice).
    #[must_use]
    pub fn severity(self) -> &'static str {
        match self {
            Self::Denied | Self::CryptoMiner => "high",
            Self::Modified => "medium",
        }
    }
}

/// Names that betray a crypto miner; a name is enough [twistlock/docs `scan_fargate_tasks.adoc`].
const MINERS: [&str; 22] = [
    "xmrig",
    "xmr-stak",
    "xmr-stak-cpu",
    "xmrigdaemon",
    "minerd",
    "cpuminer",
    "cpuminer-multi",
    "cgminer",
    "bfgminer",
    "ethminer",
    "claymore",
    "nheqminer",
    "nbminer",
    "t-rex",
    "lolminer",
    "phoenixminer",
    "teamredminer",
    "gminer",
    "xmrig-notls",
    "kdevtmpfsi",
    "ccminer",
    "wildrig-multi",
];

/// One entry of a list: a name, or a full path when it has a slash (declared choice).
#[derive(Debug, Clone)]
struct Entry {
    pattern: Pattern,
    path: bool,
}

impl Entry {
    fn new(text: &str) -> Self {
        Self { pattern: Pattern::new(text, Case::Matters), path: text.contains('/') }
    }

    fn matches(&self, program: &str) -> bool {
        self.pattern.matches(if self.path { program } else { basename(program) })
    }
}

fn basename(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The process section of the rule in scope, compiled.
#[derive(Debug, Clone)]
pub struct ProcessRules {
    effect: RuleEffect,
    allow: Vec<Entry>,
    deny: Vec<Entry>,
    nothing_may_run: bool,
    miners: bool,
    new_binaries: bool,
}

impl ProcessRules {
    /// Compiles a section; nothing when the section is disabled.
    #[must_use]
    pub fn compile(section: &ProcessSection, semantics: &Semantics) -> Option<Self> {
        if section.effect == RuleEffect::Disable {
            return None;
        }
        let allow: Vec<Entry> = section.whitelist.iter().map(|text| Entry::new(text)).collect();
        let deny: Vec<Entry> = match semantics.deny_lists {
            true => section.blacklist.iter().map(|text| Entry::new(text)).collect(),
            false => Vec::new(),
        };
        let empty = allow.is_empty() && deny.is_empty();
        let deny_all = semantics.empty_lists == EmptyLists::DenyAll && section.effect != RuleEffect::Alert;
        Some(Self {
            effect: section.effect,
            nothing_may_run: section.block_all_binaries || (empty && deny_all),
            allow,
            deny,
            miners: section.check_crypto_miners,
            new_binaries: section.check_new_binaries,
        })
    }

    /// Whether a violation is stopped (otherwise it is only reported). `block` is refused by the Console; a policy
    /// that has it all the same must not be weaker than `prevent`.
    #[must_use]
    pub fn prevents(&self) -> bool {
        matches!(self.effect, RuleEffect::Prevent | RuleEffect::Block)
    }

    /// Whether the decision needs to know if the executable is new.
    #[must_use]
    pub fn asks_for_changes(&self) -> bool {
        self.new_binaries
    }

    /// What is wrong with a launch, if anything. Deny wins; a deny entry matches the name that was used or the program
    /// behind it, an allow entry only the program behind it, so that no link can launder one (declared choices).
    #[must_use]
    pub fn judge(&self, launch: &Launch<'_>) -> Option<Violation> {
        if self.nothing_may_run {
            return Some(Violation::Denied);
        }
        if self.deny.iter().any(|entry| entry.matches(launch.executable) || entry.matches(launch.invoked)) {
            return Some(Violation::Denied);
        }
        if !self.allow.is_empty() {
            // A program on the allow list is exempt from every other detection [AUD].
            let allowed = self.allow.iter().any(|entry| entry.matches(launch.executable));
            return if allowed { None } else { Some(Violation::Denied) };
        }
        let miner = |program: &str| MINERS.contains(&basename(program).to_lowercase().as_str());
        if self.miners && (miner(launch.executable) || miner(launch.invoked)) {
            return Some(Violation::CryptoMiner);
        }
        if self.new_binaries && launch.modified {
            return Some(Violation::Modified);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rules(json: serde_json::Value, semantics: &Semantics) -> ProcessRules {
        ProcessRules::compile(&serde_json::from_value(json).unwrap(), semantics).unwrap()
    }

    fn judge(rules: &ProcessRules, executable: &str, invoked: &str) -> Option<Violation> {
        rules.judge(&Launch { executable, invoked, modified: false })
    }

    #[test]
    fn a_deny_entry_sees_both_names_and_an_allow_entry_only_the_program() {
        let deny =
            rules(serde_json::json!({"effect": "prevent", "blacklist": ["ls"]}), &Semantics::current());
        assert_eq!(judge(&deny, "/usr/bin/ls", "/bin/ls"), Some(Violation::Denied));
        assert_eq!(judge(&deny, "/bin/busybox", "/bin/ls"), Some(Violation::Denied));
        assert_eq!(judge(&deny, "/usr/bin/ls", "/tmp/harmless"), Some(Violation::Denied));
        assert_eq!(judge(&deny, "/usr/bin/lsof", "lsof"), None);
        let allow =
            rules(serde_json::json!({"effect": "prevent", "whitelist": ["ls"]}), &Semantics::current());
        assert_eq!(judge(&allow, "/usr/bin/ls", "/bin/ls"), None);
        assert_eq!(judge(&allow, "/usr/bin/mkdir", "/tmp/ls"), Some(Violation::Denied));
    }

    #[test]
    fn an_entry_with_a_slash_is_a_full_path() {
        let deny =
            rules(serde_json::json!({"effect": "prevent", "blacklist": ["/opt/*"]}), &Semantics::current());
        assert_eq!(judge(&deny, "/opt/tool", "tool"), Some(Violation::Denied));
        assert_eq!(judge(&deny, "/usr/bin/tool", "tool"), None);
    }

    #[test]
    fn deny_wins_and_profiles_may_ignore_it() {
        let json = serde_json::json!({"effect": "prevent", "whitelist": ["ls"], "blacklist": ["ls"]});
        assert!(judge(&rules(json.clone(), &Semantics::current()), "/bin/ls", "ls").is_some());
        assert!(judge(&rules(json, &Semantics::allow_only_21()), "/bin/ls", "ls").is_none());
    }

    #[test]
    fn empty_lists_follow_the_profile_and_only_under_prevent() {
        let prevent = serde_json::json!({"effect": "prevent"});
        let alert = serde_json::json!({"effect": "alert"});
        assert!(judge(&rules(prevent.clone(), &Semantics::current()), "/bin/ls", "ls").is_none());
        assert!(judge(&rules(prevent, &Semantics::legacy_20()), "/bin/ls", "ls").is_some());
        assert!(judge(&rules(alert, &Semantics::legacy_20()), "/bin/ls", "ls").is_none());
        let all = serde_json::json!({"effect": "alert", "blockAllBinaries": true, "whitelist": ["ls"]});
        assert!(judge(&rules(all, &Semantics::current()), "/bin/ls", "ls").is_some());
    }

    #[test]
    fn a_disabled_section_is_no_section() {
        let json = serde_json::json!({"effect": "disable", "blacklist": ["*"]});
        let section: ProcessSection = serde_json::from_value(json).unwrap();
        assert!(ProcessRules::compile(&section, &Semantics::current()).is_none());
    }

    #[test]
    fn miners_and_new_binaries_have_their_own_switches_and_bow_to_the_allow_list() {
        let on = serde_json::json!({"effect": "alert", "checkCryptoMiners": true, "checkNewBinaries": true});
        let on = rules(on, &Semantics::current());
        assert_eq!(judge(&on, "/tmp/xmrig", "xmrig"), Some(Violation::CryptoMiner));
        let fresh = Launch { executable: "/tmp/x", invoked: "x", modified: true };
        assert_eq!(on.judge(&fresh), Some(Violation::Modified));
        let off = rules(serde_json::json!({"effect": "alert"}), &Semantics::current());
        assert!(judge(&off, "/tmp/xmrig", "xmrig").is_none() && off.judge(&fresh).is_none());
        let listed = serde_json::json!({"effect": "alert", "whitelist": ["x*"], "checkCryptoMiners": true,
            "checkNewBinaries": true});
        let listed = rules(listed, &Semantics::current());
        assert!(judge(&listed, "/tmp/xmrig", "xmrig").is_none() && listed.judge(&fresh).is_none());
    }

    proptest! {
        #[test]
        fn a_program_is_allowed_exactly_if_listed_and_not_denied(
            name in "[a-c]", allow in prop::collection::vec("[a-c]", 1..3), deny in prop::collection::vec("[a-c]", 0..3),
        ) {
            let json = serde_json::json!({"effect": "prevent", "whitelist": allow, "blacklist": deny});
            let verdict = judge(&rules(json, &Semantics::current()), &format!("/bin/{name}"), &name);
            prop_assert_eq!(verdict.is_none(), allow.contains(&name) && !deny.contains(&name));
        }
    }
}
