//! What a Console is started with.

use crate::authority::Authority;
use crate::clock::{Clock, SystemClock};
use crate::random;
use crate::version::Version;
use proofhouse_protocol::observation::{Forget, SharedRecorder};
use proofhouse_protocol::{EmbedNames, Secret, Semantics};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What a user of the REST API may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Everything.
    Administrator,
    /// Everything but users and system settings.
    Operator,
    /// Defenders, the embed included (`manageDefenders`) [SPEC, RTFG]; policies are read only.
    DefenderManager,
    /// Reads everything, changes nothing.
    Auditor,
    /// Continuous integration: neither policies nor Defenders.
    Ci,
}

/// One thing that a call needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Reading policies, collections, audits, Defenders.
    Read,
    /// Changing policies and collections.
    Policies,
    /// `manageDefenders`: the embed, install bundles, removing records.
    Defenders,
    /// Settings.
    Settings,
}

impl Role {
    /// Whether the role includes the permission.
    #[must_use]
    pub fn allows(self, permission: Permission) -> bool {
        match permission {
            Permission::Read => self != Self::Ci,
            Permission::Policies => matches!(self, Self::Administrator | Self::Operator),
            Permission::Defenders => {
                matches!(self, Self::Administrator | Self::Operator | Self::DefenderManager)
            }
            Permission::Settings => self == Self::Administrator,
        }
    }

    /// The name that tokens and messages use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Administrator => "admin",
            Self::Operator => "operator",
            Self::DefenderManager => "defenderManager",
            Self::Auditor => "auditor",
            Self::Ci => "ci",
        }
    }
}

/// A user of the REST API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Name.
    pub name: String,
    /// Password.
    pub password: Secret,
    /// Role.
    pub role: Role,
}

impl User {
    /// A user with an unpredictable password.
    #[must_use]
    pub fn with_random_password(name: &str, role: Role) -> Self {
        Self { name: name.to_owned(), password: Secret::new(random::hex::<12>()), role }
    }
}

/// What an image's own configuration starts, for the extraction of entry points (section 4.3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageConfig {
    /// `ENTRYPOINT`; empty for none.
    pub entrypoint: Vec<String>,
    /// `CMD`; empty for none.
    pub cmd: Vec<String>,
}

/// Quirks of the real Console that are off by default, because AWS refuses what they produce.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compatibility {
    /// Native JSON has `"logConfiguration": null` on the sidecar (E28) [TULE].
    pub null_log_configuration: bool,
    /// CloudFormation keeps the members of `HealthCheck` in lower case (E24) [CFT30].
    pub lower_case_health_check: bool,
}

/// What a Console is started with. [`ConsoleConfig::default`] is a Console that one can use at once.
#[derive(Clone)]
pub struct ConsoleConfig {
    /// Version, such as `34.04.145`.
    pub version: Version,
    /// DNS names (or addresses) under which clients reach the Console; they go into its certificate. The first
    /// is the default of `defenders/names`.
    pub names: Vec<String>,
    /// Port of the Defender link, as Defenders see it: 8084 self-hosted, 443 in the cloud [ARCH].
    pub link_port: u16,
    /// Image of the sidecar. Absent: a reference of the vendor's shape with the tag of `version`.
    pub defender_image: Option<String>,
    /// Declared choices that travel with each policy revision.
    pub semantics: Semantics,
    /// Users of the REST API.
    pub users: Vec<User>,
    /// Accept policies that a real Console refuses (missing effects, unknown collections).
    pub lenient: bool,
    /// What images start on their own, by image reference.
    pub image_configs: BTreeMap<String, ImageConfig>,
    /// Value of `FIPS_ENABLED` in embeds.
    pub fips: bool,
    /// What the embed calls its sidecar, and puts before entry points.
    pub embed: EmbedNames,
    /// Quirks of the real Console.
    pub compatibility: Compatibility,
    /// Whether bursts of audits are aggregated in the REST view (section 3.8).
    pub aggregation: bool,
    /// How long a link may be silent before it counts as lost.
    pub link_idle: Duration,
    /// Certificate authority to go on with, so that a restarted Console accepts the bundles of its former life.
    pub authority: Option<Authority>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Where observations go.
    pub recorder: SharedRecorder,
}

impl Default for ConsoleConfig {
    fn default() -> Self {
        Self {
            version: "34.04.145".parse().expect("the default version is well-formed"),
            names: vec!["console.proofhouse.test".to_owned()],
            link_port: 8084,
            defender_image: None,
            semantics: Semantics::current(),
            users: vec![User::with_random_password("admin", Role::Administrator)],
            lenient: false,
            image_configs: BTreeMap::new(),
            fips: false,
            embed: EmbedNames::default(),
            compatibility: Compatibility::default(),
            aggregation: true,
            link_idle: Duration::from_secs(60),
            authority: None,
            clock: Arc::new(SystemClock),
            recorder: Arc::new(Forget),
        }
    }
}

impl ConsoleConfig {
    /// Image reference that embeds of a Console of that version use for the sidecar.
    #[must_use]
    pub fn sidecar_image(&self, version: Version) -> String {
        self.defender_image.clone().unwrap_or_else(|| {
            format!("registry.proofhouse.test/tw_reference/defender:{}", version.image_tag())
        })
    }
}

impl fmt::Debug for ConsoleConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsoleConfig")
            .field("version", &self.version)
            .field("names", &self.names)
            .field("link_port", &self.link_port)
            .field("semantics", &self.semantics.profile)
            .field("users", &self.users)
            .field("lenient", &self.lenient)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_sidecar_image_has_the_tag_of_the_version() {
        let config = ConsoleConfig { version: "30.03.122".parse().unwrap(), ..ConsoleConfig::default() };
        assert_eq!(
            config.sidecar_image(config.version),
            "registry.proofhouse.test/tw_reference/defender:defender_30_03_122"
        );
    }

    #[test]
    fn only_those_who_manage_defenders_may_embed() {
        for (role, may) in [
            (Role::Administrator, true),
            (Role::Operator, true),
            (Role::DefenderManager, true),
            (Role::Auditor, false),
            (Role::Ci, false),
        ] {
            assert_eq!(role.allows(Permission::Defenders), may, "{role:?}");
        }
        assert!(!Role::DefenderManager.allows(Permission::Policies));
    }

    #[test]
    fn a_password_is_not_printed() {
        let user = User { name: "u".into(), password: Secret::new("hush-hush"), role: Role::Auditor };
        assert!(!format!("{user:?}").contains("hush"));
    }
}
