//! Programs of one container, and entries of lists that mean them, or nearly.

use proofhouse_defender::decision::Places;
use proofhouse_generators::near;
use proofhouse_model::Links;
use proptest::prelude::*;

/// The links of the container, as the model has them.
pub const LINKS: Links<'static> = Links(&[
    ("/bin", "/usr/bin"),
    ("/usr/local/tools", "/opt/tools"),
    ("/opt/sh", "/bin/dash"),
    ("/usr/bin/ls", "/usr/bin/busybox"),
    ("/usr/bin/cat", "/bin/busybox"),
]);

/// The same container, as the Defender looks at it.
pub struct Container;

impl Places for Container {
    fn in_folder(&self, path: &str) -> Option<String> {
        for (link, folder) in [("/bin/", "/usr/bin/"), ("/usr/local/tools/", "/opt/tools/")] {
            if let Some(rest) = path.strip_prefix(link) {
                return Some(format!("{folder}{rest}"));
            }
        }
        Some(path.to_owned())
    }

    fn of_file(&self, path: &str) -> Option<String> {
        let path = self.in_folder(path)?;
        Some(match path.as_str() {
            "/opt/sh" => "/usr/bin/dash".to_owned(),
            "/usr/bin/ls" | "/usr/bin/cat" => "/usr/bin/busybox".to_owned(),
            _ => path,
        })
    }
}

/// The executable, its other names, whether it is many in one.
type Program = (&'static str, &'static [&'static str], bool);

const PROGRAMS: [Program; 16] = [
    ("/usr/bin/busybox", &["/usr/bin/ls", "ls"], true),
    ("/usr/bin/busybox", &["/usr/bin/cat", "cat"], true),
    ("/usr/bin/busybox", &["/bin/busybox", "busybox", "mkdir"], true),
    ("/usr/bin/dash", &["/opt/sh"], false),
    ("/usr/bin/dash", &["/tmp/script.sh"], false),
    ("/usr/bin/dash", &["/tmp/mkdir"], false),
    ("/usr/bin/mkdir", &["/bin/mkdir"], false),
    ("/usr/bin/mkdir", &["/tmp/harmless"], false),
    ("/usr/local/bin/mkdir", &[], false),
    ("/usr/bin/lsof", &["/usr/bin/lsof"], false),
    ("/usr/sbin/ls", &[], false),
    ("/memfd:mkdir", &["/proc/self/fd/3"], false),
    ("/opt/tools/wget", &["/usr/local/tools/wget"], false),
    ("/tmp/xmrig", &[], false),
    ("/tmp/XMRig", &["/tmp/XMRig"], false),
    ("/tmp/sleep", &["/tmp/xmrig"], false),
];

#[derive(Debug, Clone)]
pub struct Launched {
    pub executable: &'static str,
    pub names: &'static [&'static str],
    pub multi_call: bool,
    pub modified: bool,
    pub altered: bool,
    pub entry_point: bool,
}

pub fn program() -> impl Strategy<Value = Launched> {
    (prop::sample::select(&PROGRAMS[..]), any::<(bool, bool)>(), prop::bool::weighted(0.1)).prop_map(
        |((executable, names, multi_call), (modified, altered), entry_point)| Launched {
            executable,
            names,
            multi_call,
            modified,
            altered,
            entry_point,
        },
    )
}

/// An entry: a name or a path of some program, or something near it.
pub fn entry() -> impl Strategy<Value = String> {
    let name = (prop::sample::select(&PROGRAMS[..]), any::<prop::sample::Index>()).prop_map(
        |((executable, names, _), at)| {
            let all: Vec<&str> = names.iter().copied().chain([executable]).collect();
            all[at.index(all.len())]
        },
    );
    (name, 0..4_u8).prop_flat_map(|(name, form)| {
        let text = match form {
            0 | 1 => name.rsplit('/').next().unwrap().to_owned(),
            2 => name.replace("/usr/bin/", "/bin/").replace("/opt/tools/", "/usr/local/tools/"),
            _ => name.to_owned(),
        };
        prop_oneof![Just(text.clone()), near(text)]
    })
}
