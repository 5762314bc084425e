//! A Console, its callers, and Defenders that say what a test wants.

mod api;
mod defender;
mod recorder;

pub use api::Api;
pub use defender::{Defender, firewall_audit, hello, members, open, runtime_audit, tls};
pub use recorder::Kept;

use jiff::Timestamp;
use proofhouse_console::{Console, ConsoleConfig, ManualClock, Role, User};
use proofhouse_protocol::{InstallBundle, Secret};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Longer than anything takes, shorter than a hanging test is bearable.
pub const SOON: Duration = Duration::from_secs(20);

/// A Console on loopback.
pub struct House {
    pub console: Console,
    pub clock: Arc<ManualClock>,
    pub kept: Arc<Kept>,
    pub rest: SocketAddr,
    pub link: SocketAddr,
}

impl House {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut ConsoleConfig)) -> Self {
        // A second test of this process finds it installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Arc::new(ManualClock::new("2026-01-02T03:04:05Z".parse::<Timestamp>().unwrap()));
        let kept = Arc::new(Kept::default());
        let user = |name: &str, role| User {
            name: name.to_owned(),
            password: Secret::new(format!("{name}-secret")),
            role,
        };
        let mut config = ConsoleConfig {
            users: vec![
                user("admin", Role::Administrator),
                user("manager", Role::DefenderManager),
                user("auditor", Role::Auditor),
                user("ci", Role::Ci),
            ],
            clock: clock.clone(),
            recorder: kept.clone(),
            ..ConsoleConfig::default()
        };
        change(&mut config);
        let console = Console::start(config).unwrap();
        let rest = console.serve_rest(TcpListener::bind("127.0.0.1:0").await.unwrap()).unwrap();
        let link = console.serve_link(TcpListener::bind("127.0.0.1:0").await.unwrap()).unwrap();
        Self { console, clock, kept, rest, link }
    }

    /// A caller with the name and password of the administrator.
    pub fn api(&self) -> Api {
        self.api_of("admin")
    }

    pub fn api_of(&self, user: &str) -> Api {
        Api::new(self.rest, self.console.ca_pem(), Some(user))
    }

    /// A bundle of this Console.
    pub fn bundle(&self) -> InstallBundle {
        self.console.authority().install_bundle(&*self.console.config().recorder).unwrap()
    }

    /// A connected Defender of that app that has read its welcome.
    pub async fn defender(&self, app_id: &str) -> Defender {
        let mut defender = Defender::connect(self, app_id, "first").await.unwrap();
        defender.welcome().await;
        defender
    }

    /// Waits until a condition holds, yielding to the Console in between.
    pub async fn until(&self, holds: impl Fn(&Self) -> bool) {
        let waiting = async {
            while !holds(self) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(SOON, waiting).await.unwrap();
    }
}
