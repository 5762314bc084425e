//! Which files may be made and changed (section 3.5 of `runtime-and-embed.md`).

use super::{Case, Pattern, Places};
use proofhouse_protocol::RuleEffect;
use proofhouse_protocol::runtime_policy::FilesystemSection;
use proofhouse_protocol::semantics::Semantics;

/// Where accounts and their rights stand (declared choice).
const ACCOUNTS: [&str; 6] =
    ["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/sudoers", "/etc/sudoers.d"];

/// Where SSH is configured, beside the folder `.ssh` of every home (declared choice).
const SSH: [&str; 2] = ["/etc/ssh", "/root/.ssh"];

/// By what a certificate or a store of them is known (declared choice).
const CERTIFICATES: [&str; 7] = [".pem", ".crt", ".cer", ".der", ".p12", ".pfx", ".jks"];

/// A path that is about to be made or changed.
#[derive(Debug, Clone, Copy)]
pub struct Touch<'a> {
    /// With its folders resolved, and its last part as it is.
    pub name: &'a str,
    /// The file that it leads to, there or not.
    pub file: &'a str,
    /// Whether there is a file already.
    pub exists: bool,
    /// Whether it is a folder with all that is in it.
    pub folder: bool,
}

/// What a file has in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Nothing to run.
    Data,
    /// Something that may be run, but no binary: a script.
    Script,
    /// A binary.
    Binary {
        /// Its headers contradict each other or the file, or are such as no linker makes.
        suspicious: bool,
        /// Its code is encrypted or compressed.
        packed: bool,
    },
}

/// Why a file is not fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileViolation {
    /// On the deny list.
    Denied,
    /// Configuration of SSH.
    Ssh,
    /// Configuration of accounts.
    Account,
    /// A certificate was made or changed.
    Certificate,
    /// A binary was made or changed.
    Binary,
    /// A script was made or changed.
    Script,
    /// A binary with odd headers.
    SuspiciousHeader,
    /// A binary that is encrypted or packed.
    Packed,
}

impl FileViolation {
    /// The `attackType` of its audit.
    #[must_use]
    pub fn attack_type(self) -> &'static str {
        match self {
            Self::Denied => "explicitlyDeniedFile",
            Self::Ssh => "sshAccess",
            Self::Account => "administrativeAccount",
            Self::Certificate => "fileIntegrity",
            Self::Binary => "elfFileAccess",
            Self::Script => "execFileAccess",
            Self::SuspiciousHeader => "suspiciousELFHeader",
            Self::Packed => "encryptedBinary",
        }
    }

    /// The severity of its audit: `high` for what a rule names (declared choice).
    #[must_use]
    pub fn severity(self) -> &'static str {
        match self {
            Self::Denied | Self::Ssh | Self::Account => "high",
            _ => "medium",
        }
    }

    /// What it did, for people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Denied => "wrote to a path that is explicitly denied by runtime rule",
            Self::Ssh => "changed configuration of SSH",
            Self::Account => "changed configuration of administrative accounts",
            Self::Certificate => "changed a certificate",
            Self::Binary => "changed a binary",
            Self::Script => "changed an executable script",
            Self::SuspiciousHeader => "wrote a binary with a suspicious ELF header",
            Self::Packed => "wrote an encrypted or packed binary",
        }
    }
}

/// One entry of a list: a name of files, or a path and all that is below it (declared choice).
#[derive(Debug, Clone)]
struct Entry {
    text: String,
    pattern: Pattern,
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

impl Entry {
    fn new(text: &str) -> Self {
        let text = match text.trim_end_matches('/') {
            "" => "/*",
            text => text,
        };
        Self { text: text.to_owned(), pattern: Pattern::new(text, Case::Matters) }
    }

    fn covers(&self, path: &str, places: &impl Places) -> bool {
        if !self.text.contains('/') {
            return self.pattern.matches(path.rsplit('/').next().unwrap_or(path));
        }
        let as_called = |text: &str, pattern: &Pattern| pattern.matches(path) || is_below(path, text);
        if as_called(&self.text, &self.pattern) {
            return true;
        }
        // A path that begins anywhere leads to nowhere in particular.
        let real =
            self.text.starts_with('/').then(|| [places.in_folder(&self.text), places.of_file(&self.text)]);
        real.into_iter().flatten().flatten().any(|real| as_called(&real, &Pattern::new(&real, Case::Matters)))
    }

    /// Whether what it names is in a folder.
    fn is_in(&self, folder: &str, places: &impl Places) -> bool {
        is_below(&self.text, folder)
            || places.in_folder(&self.text).is_some_and(|real| is_below(&real, folder))
    }
}

/// The file system section of the rule in scope, compiled.
#[derive(Debug, Clone)]
pub struct FileRules {
    effect: RuleEffect,
    allow: Vec<Entry>,
    deny: Vec<Entry>,
    backdoors: bool,
    new_files: bool,
    suspicious_headers: bool,
    packed: bool,
}

impl FileRules {
    /// Compiles a section; nothing when the section is disabled.
    #[must_use]
    pub fn compile(section: &FilesystemSection, semantics: &Semantics) -> Option<Self> {
        let list = |entries: &[String]| entries.iter().map(|text| Entry::new(text)).collect();
        (section.effect != RuleEffect::Disable).then(|| Self {
            effect: section.effect,
            allow: list(&section.whitelist),
            deny: if semantics.deny_lists { list(&section.blacklist) } else { Vec::new() },
            backdoors: section.backdoor_files,
            new_files: section.check_new_files,
            suspicious_headers: section.suspicious_elf_headers,
            packed: !section.skip_encrypted_binaries,
        })
    }

    /// Whether anything is stopped at all; `block` is no weaker than `prevent`.
    #[must_use]
    pub fn prevents(&self) -> bool {
        matches!(self.effect, RuleEffect::Prevent | RuleEffect::Block)
    }

    /// Whether a violation is stopped: of configuration always, of a denied path where the file is new, else never [RT, CUST].
    #[must_use]
    pub fn stops(&self, violation: FileViolation, exists: bool) -> bool {
        let stoppable = match violation {
            FileViolation::Ssh | FileViolation::Account => true,
            FileViolation::Denied => !exists,
            _ => false,
        };
        stoppable && self.prevents()
    }

    /// Whether it matters what is written.
    #[must_use]
    pub fn asks_for_content(&self) -> bool {
        self.new_files || self.suspicious_headers || self.packed
    }

    /// Files that must be known by whatever other name they have.
    #[must_use]
    pub fn guarded(&self) -> &'static [&'static str] {
        if self.backdoors { &ACCOUNTS } else { &[] }
    }

    fn allows(&self, path: &str, places: &impl Places) -> bool {
        self.allow.iter().any(|entry| entry.covers(path, places))
    }

    /// What is wrong with making or changing a path, whatever is in it. Deny wins; what is on the allow list is exempt from detections,
    /// and nothing else is denied by that list (declared choices).
    #[must_use]
    pub fn judge(&self, touch: &Touch<'_>, places: &impl Places) -> Option<FileViolation> {
        let denied = |entry: &Entry| {
            [touch.name, touch.file].iter().any(|path| entry.covers(path, places))
                || touch.folder && entry.is_in(touch.file, places)
        };
        if self.deny.iter().any(denied) {
            return Some(FileViolation::Denied);
        }
        if self.allows(touch.file, places) {
            return None;
        }
        let paths = [touch.name, touch.file];
        let concerns = |known: &str| {
            paths.iter().any(|path| *path == known || is_below(path, known))
                || touch.folder && is_below(known, touch.file)
        };
        if self.backdoors {
            let of_home = |path: &str| path.split('/').any(|part| part == ".ssh");
            if SSH.iter().any(|known| concerns(known)) || paths.iter().any(|path| of_home(path)) {
                return Some(FileViolation::Ssh);
            }
            if ACCOUNTS.iter().any(|known| concerns(known)) {
                return Some(FileViolation::Account);
            }
        }
        let certificate = |end: &str| touch.file.to_ascii_lowercase().ends_with(end);
        let is_certificate =
            self.new_files && !touch.folder && CERTIFICATES.iter().any(|end| certificate(end));
        is_certificate.then_some(FileViolation::Certificate)
    }

    /// What is wrong with what a file now has in it, the gravest first.
    #[must_use]
    pub fn judge_content(&self, path: &str, content: Content, places: &impl Places) -> Option<FileViolation> {
        let found = match content {
            Content::Binary { suspicious: true, .. } if self.suspicious_headers => {
                FileViolation::SuspiciousHeader
            }
            Content::Binary { packed: true, .. } if self.packed => FileViolation::Packed,
            Content::Binary { .. } if self.new_files => FileViolation::Binary,
            Content::Script if self.new_files => FileViolation::Script,
            _ => return None,
        };
        (!self.allows(path, places)).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A container in which `/bin` is a link to `/usr/bin`.
    struct Merged;

    impl Places for Merged {
        fn in_folder(&self, path: &str) -> Option<String> {
            Some(path.strip_prefix("/bin/").map_or(path.to_owned(), |rest| format!("/usr/bin/{rest}")))
        }
        fn of_file(&self, path: &str) -> Option<String> {
            Some(if path == "/bin" { "/usr/bin".to_owned() } else { self.in_folder(path)? })
        }
    }

    fn rules(json: serde_json::Value) -> FileRules {
        FileRules::compile(&serde_json::from_value(json).unwrap(), &Semantics::current()).unwrap()
    }

    fn judge(rules: &FileRules, file: &str) -> Option<FileViolation> {
        rules.judge(&Touch { name: file, file, exists: false, folder: false }, &Merged)
    }

    #[test]
    fn an_entry_is_a_path_and_what_is_below_it_or_a_name() {
        for (entry, path, covered) in [
            ("/opt/data", "/opt/data", true),
            ("/opt/data", "/opt/data/x/y", true),
            ("/opt/data/", "/opt/data/x", true),
            ("/opt/data", "/opt/database", false),
            ("/opt/da*", "/opt/database", true),
            ("/bin", "/usr/bin/x", true),
            ("/bin/x", "/usr/bin/x", true),
            ("/bin/x", "/usr/bin/y", false),
            ("/", "/anything", true),
            ("evil", "/tmp/evil", true),
            ("evil", "/evil/x", false),
            ("*.sh", "/tmp/x.sh", true),
        ] {
            let deny = rules(serde_json::json!({"effect": "prevent", "blacklist": [entry]}));
            assert_eq!(judge(&deny, path).is_some(), covered, "{entry} {path}");
        }
    }

    #[test]
    fn deny_wins_and_an_allow_list_only_exempts() {
        let both = serde_json::json!({"effect": "prevent", "blacklist": ["/opt/a"], "whitelist": ["/opt", "/etc/passwd"],
            "backdoorFiles": true, "checkNewFiles": true});
        let both = rules(both);
        assert_eq!(judge(&both, "/opt/a"), Some(FileViolation::Denied));
        let binary = Content::Binary { suspicious: false, packed: false };
        for path in ["/opt/b.pem", "/etc/passwd", "/elsewhere"] {
            assert_eq!(judge(&both, path), None, "{path}");
        }
        assert_eq!(judge(&both, "/etc/shadow"), Some(FileViolation::Account));
        assert_eq!(both.judge_content("/opt/b", binary, &Merged), None);
        assert_eq!(both.judge_content("/tmp/b", binary, &Merged), Some(FileViolation::Binary));
    }

    #[test]
    fn configuration_and_certificates_have_their_own_switches() {
        let on = rules(serde_json::json!({"effect": "alert", "backdoorFiles": true, "checkNewFiles": true}));
        let off = rules(serde_json::json!({"effect": "alert"}));
        for (path, violation) in [
            ("/root/.ssh/authorized_keys", FileViolation::Ssh),
            ("/home/app/.ssh/config", FileViolation::Ssh),
            ("/etc/ssh/sshd_config", FileViolation::Ssh),
            ("/etc/shadow", FileViolation::Account),
            ("/etc/sudoers.d/x", FileViolation::Account),
            ("/etc/ssl/certs/x.PEM", FileViolation::Certificate),
        ] {
            assert_eq!((judge(&on, path), judge(&off, path)), (Some(violation), None), "{path}");
        }
        for path in ["/etc/passwd-", "/etc/sshrc", "/tmp/ssh", "/tmp/x.pem.txt"] {
            assert_eq!(judge(&on, path), None, "{path}");
        }
        let moved = |folder| Touch { name: folder, file: folder, exists: true, folder: true };
        assert_eq!(on.judge(&moved("/etc"), &Merged), Some(FileViolation::Ssh));
        assert_eq!(on.judge(&moved("/tmp/x.pem"), &Merged), None, "a folder is no certificate");
        let deny = rules(serde_json::json!({"effect": "prevent", "blacklist": ["/opt/data/x"]}));
        assert_eq!(deny.judge(&moved("/opt"), &Merged), Some(FileViolation::Denied));
        assert_eq!(deny.judge(&moved("/opt2"), &Merged), None);
        let link = Touch { name: "/tmp/x", file: "/etc/passwd", exists: true, folder: false };
        assert_eq!(on.judge(&link, &Merged), Some(FileViolation::Account), "through a link");
    }

    #[test]
    fn the_gravest_that_is_looked_for_is_told() {
        let binary = |suspicious, packed| Content::Binary { suspicious, packed };
        let all = serde_json::json!({"effect": "alert", "checkNewFiles": true, "suspiciousELFHeaders": true});
        let all = rules(all);
        let none = rules(serde_json::json!({"effect": "alert", "skipEncryptedBinaries": true}));
        for (content, violation) in [
            (binary(true, true), Some(FileViolation::SuspiciousHeader)),
            (binary(false, true), Some(FileViolation::Packed)),
            (binary(false, false), Some(FileViolation::Binary)),
            (Content::Script, Some(FileViolation::Script)),
            (Content::Data, None),
        ] {
            assert_eq!(all.judge_content("/x", content, &Merged), violation);
            assert_eq!(none.judge_content("/x", content, &Merged), None);
        }
        assert!(all.asks_for_content() && !none.asks_for_content());
        let packed = rules(serde_json::json!({"effect": "alert"}));
        assert_eq!(packed.judge_content("/x", binary(true, true), &Merged), Some(FileViolation::Packed));
        assert_eq!(packed.judge_content("/x", binary(true, false), &Merged), None);
    }

    #[test]
    fn prevent_stops_configuration_and_new_denied_files_and_nothing_else() {
        let prevent = rules(serde_json::json!({"effect": "prevent"}));
        let alert = rules(serde_json::json!({"effect": "alert"}));
        for (violation, new, existing) in [
            (FileViolation::Denied, true, false),
            (FileViolation::Ssh, true, true),
            (FileViolation::Account, true, true),
            (FileViolation::Certificate, false, false),
            (FileViolation::Binary, false, false),
            (FileViolation::Packed, false, false),
            (FileViolation::SuspiciousHeader, false, false),
        ] {
            let stopped = (prevent.stops(violation, false), prevent.stops(violation, true));
            assert_eq!(stopped, (new, existing), "{violation:?}");
            assert!(!alert.stops(violation, false) && !alert.stops(violation, true));
        }
    }
}
