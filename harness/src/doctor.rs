//! Whether this machine can run simulated tasks, and what to do where it cannot.

use crate::engine::{Engine, EngineInfo};
use crate::images::Assets;
use serde::Serialize;
use std::fmt;
use std::path::Path;

/// How a thing stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// As it should be.
    Good,
    /// It works, with a limit that the advice names.
    Limited,
    /// Scenarios cannot run.
    Broken,
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Good => "good",
            Self::Limited => "limited",
            Self::Broken => "broken",
        })
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Examination {
    /// What.
    pub what: String,
    /// How it stands.
    pub health: Health,
    /// What was found.
    pub found: String,
    /// What to do; empty when nothing is to be done.
    pub advice: String,
}

fn good(what: &str, found: impl Into<String>) -> Examination {
    Examination { what: what.to_owned(), health: Health::Good, found: found.into(), advice: String::new() }
}

fn bad(what: &str, health: Health, found: impl Into<String>, advice: &str) -> Examination {
    Examination { what: what.to_owned(), health, found: found.into(), advice: advice.to_owned() }
}

/// Looks at the engine (or the error of connecting to it), its machine, and the assets.
pub async fn examine<E: std::error::Error>(
    engine: Result<&dyn Engine, E>,
    assets: &Assets,
) -> Vec<Examination> {
    let mut found = Vec::new();
    match engine {
        Err(error) => found.push(no_engine(&error)),
        Ok(engine) => match engine.info().await {
            Err(error) => found.push(no_engine(&error)),
            Ok(info) => found.extend(of_the_engine(&info)),
        },
    }
    found.extend(of_the_assets(assets));
    found
}

fn no_engine(error: &dyn std::error::Error) -> Examination {
    bad(
        "container engine",
        Health::Broken,
        error.to_string(),
        "start Docker, or set DOCKER_HOST to its socket; on Debian or Ubuntu as root, `make setup` installs and starts it",
    )
}

fn of_the_engine(info: &EngineInfo) -> Vec<Examination> {
    let mut found = vec![good(
        "container engine",
        format!("{} {}, API {}, at {}", info.name, info.version, info.api_version, info.endpoint),
    )];
    found.push(if info.os_type == "linux" && info.architecture == "x86_64" {
        good("platform", format!("{} on {}", info.os_type, info.architecture))
    } else {
        bad(
            "platform",
            Health::Broken,
            format!("{} on {}", info.os_type, info.architecture),
            "the images are built for Linux on x86_64: use an engine on such a machine",
        )
    });
    found.push(kernel(&info.kernel));
    let seccomp = info.security_options.iter().find(|option| option.contains("name=seccomp"));
    found.push(match seccomp {
        Some(option) if !option.contains("unconfined") => good("seccomp", option.clone()),
        _ => bad(
            "seccomp",
            Health::Limited,
            "the engine applies no default profile",
            "containers may do more than on Fargate; enable the engine's default seccomp profile",
        ),
    });
    found.push(good("control groups", format!("version {}", info.cgroup_version)));
    found.extend(disk(Path::new(&info.root_directory)));
    found
}

/// User notification with continuation came in 5.5, `pidfd_getfd` in 5.6, its use by a wrapper's worker in 5.9.
fn kernel(release: &str) -> Examination {
    let mut numbers = release.split(['.', '-']).map_while(|part| part.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if version >= (5, 9) {
        return good("kernel", format!("{release}: seccomp user notification, pidfd_getfd, ptrace"));
    }
    bad(
        "kernel",
        Health::Broken,
        release,
        "the reference Defender needs seccomp user notification and pidfd_getfd: use a kernel of 5.9 or later",
    )
}

/// Bytes below which images and recordings may not fit.
const ENOUGH: u64 = 2 << 30;

fn disk(root: &Path) -> Option<Examination> {
    // The folder is on the engine's machine, which may be another one: then there is nothing to look at.
    let space = nix::sys::statvfs::statvfs(root).ok()?;
    let free = space.blocks_available() as u64 * space.fragment_size() as u64;
    let text = format!("{:.1} GiB free below {}", free as f64 / f64::from(1_u32 << 30), root.display());
    Some(if free >= ENOUGH {
        good("disk", text)
    } else {
        bad("disk", Health::Limited, text, "free some space: `docker system df`, `proofhouse clean --all`")
    })
}

fn of_the_assets(assets: &Assets) -> Vec<Examination> {
    let missing: Vec<_> = ["world", "actor", "defender", "crs", "geo.mmdb", "userland.tar"]
        .into_iter()
        .filter(|name| !assets.folder().join(name).exists())
        .collect();
    let folder = assets.folder().display();
    vec![if missing.is_empty() {
        good("assets", format!("complete in {folder}"))
    } else {
        bad(
            "assets",
            Health::Broken,
            format!("{} missing in {folder}", missing.join(", ")),
            "run `make assets`",
        )
    }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_is_judged_by_its_version() {
        for (release, health) in [
            ("6.18.44-fc", Health::Good),
            ("5.9", Health::Good),
            ("5.8.18-generic", Health::Broken),
            ("4.19.0-26-amd64", Health::Broken),
            ("nonsense", Health::Broken),
        ] {
            assert_eq!(kernel(release).health, health, "{release}");
        }
    }

    #[tokio::test]
    async fn without_an_engine_it_says_what_to_do() {
        let nobody: Result<&dyn Engine, _> = Err(std::io::Error::other("connection refused"));
        let found = examine(nobody, &Assets::new("/nowhere")).await;
        assert!(found.iter().all(|one| one.health == Health::Broken && !one.advice.is_empty()), "{found:?}");
    }
}
