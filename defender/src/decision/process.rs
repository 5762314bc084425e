//! Which programs may run (section 3.3 of `runtime-and-embed.md`).

use super::{Case, Pattern};
use proofhouse_protocol::RuleEffect;
use proofhouse_protocol::runtime_policy::ProcessSection;
use proofhouse_protocol::semantics::{EmptyLists, Semantics};
use std::collections::HashSet;

/// A program that is about to run.
#[derive(Debug, Clone, Copy)]
pub struct Launch<'a> {
    /// The executable that the kernel runs, symbolic links and interpreters resolved.
    pub executable: &'a str,
    /// The names that it goes by: the path that the caller gave (a link, a script), the applet of a multi-call program.
    pub names: &'a [&'a str],
    /// Whether it is one of many programs in one file, so that a link to it says which and not what.
    pub multi_call: bool,
    /// Whether the executable was created or changed after the container's start.
    pub modified: bool,
    /// Whether the package that the executable belongs to knows it otherwise than it is.
    pub altered: bool,
}

/// Where paths of a policy lead to, in the container.
pub trait Places {
    /// The path with its folders resolved, and its last part as it is. Nothing where there is no such folder.
    fn in_folder(&self, path: &str) -> Option<String>;
    /// The path with all links resolved. Nothing where there is no such file.
    fn of_file(&self, path: &str) -> Option<String>;
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
    /// Replaced before the container's start, in its image.
    Altered,
    /// A custom rule holds.
    Custom,
}

/// What is wrong with a program, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Why.
    pub violation: Violation,
    /// Whether it does not run.
    pub prevents: bool,
    /// What the custom rule says.
    pub message: Option<String>,
}

impl Violation {
    /// The `attackType` of its audit.
    #[must_use]
    pub fn attack_type(self) -> &'static str {
        match self {
            Self::Denied => "explicitlyDeniedProcess",
            Self::CryptoMiner => "cryptoMinerProcess",
            Self::Modified => "modifiedProcess",
            Self::Altered => "alteredBinary",
            Self::Custom => "customRule",
        }
    }

    /// The MITRE technique of its audit [ATT]; which a custom rule means is documented nowhere.
    #[must_use]
    pub fn technique(self) -> Option<&'static str> {
        match self {
            Self::Denied => Some("nativeBinaryExecution"),
            Self::CryptoMiner => Some("resourceHijacking"),
            Self::Modified => Some("foreignBinaryExecution"),
            Self::Altered => Some("supplyChainCompromise"),
            Self::Custom => None,
        }
    }

    /// The severity of its audit: `high` for explicit denials and crypto miners (declared choice).
    #[must_use]
    pub fn severity(self) -> &'static str {
        match self {
            Self::Denied | Self::CryptoMiner => "high",
            Self::Modified | Self::Altered | Self::Custom => "medium",
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
    text: String,
    pattern: Pattern,
    path: bool,
}

impl Entry {
    fn new(text: &str) -> Self {
        let path = text.contains('/');
        Self { text: text.to_owned(), pattern: Pattern::new(text, Case::Matters), path }
    }

    /// As the entry is written.
    fn matches(&self, program: &str) -> bool {
        self.pattern.matches(if self.path { program } else { basename(program) })
    }

    /// As the entry is written, or as its path is called where its folders lead to: `/bin/x` is `/usr/bin/x` where `/bin` is a link.
    fn leads_to(&self, program: &str, places: &impl Places) -> bool {
        if self.matches(program) {
            return true;
        }
        // A path that begins anywhere leads to nowhere in particular, and its last part is no other where its folders lead to.
        let last = basename(&self.text);
        let other = !last.contains('*') && !program.ends_with(last);
        if !self.path || !self.text.starts_with('/') || other {
            return false;
        }
        let real = places.in_folder(&self.text);
        real.is_some_and(|real| real != self.text && Pattern::new(&real, Case::Matters).matches(program))
    }

    /// Whether its path is a link to the program itself.
    fn is_link_to(&self, launch: &Launch<'_>, places: &impl Places) -> bool {
        // A path that begins anywhere leads to nowhere in particular.
        let one_file = self.text.starts_with('/') && !self.text.contains('*') && !launch.multi_call;
        one_file && places.of_file(&self.text).is_some_and(|real| real == launch.executable)
    }
}

/// One of the two lists. A name without a star is looked up, so that a long list of them costs no more than a short one.
#[derive(Debug, Clone)]
struct List {
    names: HashSet<String>,
    /// Paths, and what has a star.
    others: Vec<Entry>,
}

impl List {
    fn new(texts: &[String]) -> Self {
        let (names, others): (Vec<_>, Vec<_>) = texts.iter().partition(|text| !text.contains(['/', '*']));
        Self {
            names: names.into_iter().cloned().collect(),
            others: others.into_iter().map(|text| Entry::new(text)).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.names.is_empty() && self.others.is_empty()
    }

    /// Whether it has one of these programs, which a launch is known by.
    fn has(&self, programs: &[&str], launch: &Launch<'_>, places: &impl Places) -> bool {
        programs.iter().any(|program| self.names.contains(basename(program)))
            || self.others.iter().any(|entry| {
                programs.iter().any(|program| entry.leads_to(program, places))
                    || entry.is_link_to(launch, places)
            })
    }
}

/// The name of a program; that of a file in memory is the one that its maker gave it.
fn basename(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_prefix("memfd:").unwrap_or(name)
}

/// The process section of the rule in scope, compiled.
#[derive(Debug, Clone)]
pub struct ProcessRules {
    effect: RuleEffect,
    allow: List,
    deny: List,
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
        let allow = List::new(&section.whitelist);
        let deny = List::new(if semantics.deny_lists { &section.blacklist } else { &[] });
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

    /// Whether the decision needs to know if the executable is new, or not what its package knows.
    #[must_use]
    pub fn asks_for_changes(&self) -> bool {
        self.new_binaries && self.allow.is_empty() && !self.nothing_may_run
    }

    /// What is wrong with a launch, if anything. Deny wins; a deny entry matches a name that was used or the program
    /// behind it, an allow entry only the program behind it, so that no link can launder one (declared choices). Paths of both lists
    /// mean the file that they lead to.
    #[must_use]
    pub fn judge(&self, launch: &Launch<'_>, places: &impl Places) -> Option<Violation> {
        if self.nothing_may_run {
            return Some(Violation::Denied);
        }
        let all: Vec<&str> = launch.names.iter().copied().chain([launch.executable]).collect();
        if self.deny.has(&all, launch, places) {
            return Some(Violation::Denied);
        }
        if !self.allow.is_empty() {
            // A program on the allow list is exempt from every other detection [AUD].
            let allowed = self.allow.has(&[launch.executable], launch, places);
            return if allowed { None } else { Some(Violation::Denied) };
        }
        if self.miners
            && all.iter().any(|program| MINERS.contains(&basename(program).to_lowercase().as_str()))
        {
            return Some(Violation::CryptoMiner);
        }
        if self.new_binaries && launch.modified {
            return Some(Violation::Modified);
        }
        // The toggle is the same [AUD].
        if self.new_binaries && launch.altered {
            return Some(Violation::Altered);
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

    /// A container in which `/bin` is a link to `/usr/bin`, `/opt/sh` one to dash, and `/usr/bin/ls` an applet of busybox.
    struct Merged;

    impl Places for Merged {
        fn in_folder(&self, path: &str) -> Option<String> {
            Some(path.strip_prefix("/bin/").map_or(path.to_owned(), |rest| format!("/usr/bin/{rest}")))
        }
        fn of_file(&self, path: &str) -> Option<String> {
            match self.in_folder(path)?.as_str() {
                "/opt/sh" => Some("/usr/bin/dash".to_owned()),
                "/usr/bin/ls" => Some("/usr/bin/busybox".to_owned()),
                other => Some(other.to_owned()),
            }
        }
    }

    fn launch<'a>(executable: &'a str, names: &'a [&'a str]) -> Launch<'a> {
        let multi_call = executable.ends_with("busybox");
        Launch { executable, names, multi_call, modified: false, altered: false }
    }

    fn judge(rules: &ProcessRules, executable: &str, invoked: &str) -> Option<Violation> {
        rules.judge(&launch(executable, &[invoked]), &Merged)
    }

    fn list(kind: &str, entry: &str) -> ProcessRules {
        rules(serde_json::json!({"effect": "prevent", kind: [entry]}), &Semantics::current())
    }

    #[test]
    fn a_path_means_the_file_that_it_leads_to() {
        for entry in ["/bin/mkdir", "/usr/bin/mkdir", "/bin/mk*", "/bin/*"] {
            assert!(judge(&list("blacklist", entry), "/usr/bin/mkdir", "mkdir").is_some(), "{entry}");
            assert!(judge(&list("whitelist", entry), "/usr/bin/mkdir", "mkdir").is_none(), "{entry}");
            assert!(judge(&list("blacklist", entry), "/usr/local/bin/mkdir", "x").is_none(), "{entry}");
        }
        assert!(judge(&list("blacklist", "/opt/sh"), "/usr/bin/dash", "sh").is_some());
        assert!(judge(&list("whitelist", "/opt/sh"), "/usr/bin/dash", "sh").is_none());
        assert!(judge(&list("blacklist", "*/mkdir"), "/usr/bin/mkdir", "mkdir").is_some());
    }

    #[test]
    fn a_link_to_a_multi_call_program_says_which_of_its_programs_and_not_all() {
        let deny = list("blacklist", "/bin/ls");
        assert!(judge(&deny, "/usr/bin/busybox", "/usr/bin/ls").is_some());
        assert!(judge(&deny, "/usr/bin/busybox", "/usr/bin/cat").is_none());
        assert!(judge(&list("whitelist", "/bin/ls"), "/usr/bin/busybox", "/usr/bin/cat").is_some());
        assert!(judge(&list("whitelist", "/bin/busybox"), "/usr/bin/busybox", "/usr/bin/cat").is_none());
        let applet = ["/usr/bin/busybox", "busybox", "mkdir"];
        assert!(list("blacklist", "mkdir").judge(&launch("/usr/bin/busybox", &applet), &Merged).is_some());
    }

    #[test]
    fn a_file_in_memory_has_the_name_that_it_was_given() {
        assert!(judge(&list("blacklist", "mkdir"), "/memfd:mkdir", "/proc/self/fd/3").is_some());
        assert!(judge(&list("whitelist", "mkdir"), "/memfd:innocent", "/proc/self/fd/3").is_some());
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
        let fresh = Launch { modified: true, ..launch("/tmp/x", &["x"]) };
        assert_eq!(on.judge(&fresh, &Merged), Some(Violation::Modified));
        let altered = Launch { altered: true, ..launch("/usr/bin/x", &["x"]) };
        assert_eq!(on.judge(&altered, &Merged), Some(Violation::Altered));
        assert_eq!(on.judge(&Launch { modified: true, ..altered }, &Merged), Some(Violation::Modified));
        let off = rules(serde_json::json!({"effect": "alert"}), &Semantics::current());
        for launch in [launch("/tmp/xmrig", &["xmrig"]), fresh, altered] {
            assert_eq!(off.judge(&launch, &Merged), None);
        }
        let listed = serde_json::json!({"effect": "alert", "whitelist": ["x*"], "checkCryptoMiners": true,
            "checkNewBinaries": true});
        let listed = rules(listed, &Semantics::current());
        for launch in [launch("/tmp/xmrig", &["xmrig"]), fresh, altered] {
            assert_eq!(listed.judge(&launch, &Merged), None);
        }
        assert!(on.asks_for_changes() && !off.asks_for_changes() && !listed.asks_for_changes());
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
