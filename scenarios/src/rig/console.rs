//! The Console of a rig: its servers, its users, its end of the link.

use super::client::ConsoleClient;
use super::error::RigError;
use futures_util::stream;
use jiff::SignedDuration;
use proofhouse_console::{Console, ConsoleConfig, Role, ShiftedClock, User, Version};
use proofhouse_harness::outside::Stream;
use proofhouse_protocol::observation::SharedRecorder;
use proofhouse_protocol::{EmbedNames, Observation, Semantics};
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// Name of the Console in the internet of the task.
pub const CONSOLE_NAME: &str = "console.proofhouse.test";

/// Address of the Console in the internet of the task (TEST-NET-2, RFC 5737).
pub(super) const CONSOLE_ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1));

/// Port of the Defender link on a self-hosted Console [ARCH].
pub(super) const LINK_PORT: u16 = 8084;

/// Where a task reaches the Console.
#[must_use]
pub fn console_address() -> SocketAddr {
    SocketAddr::new(CONSOLE_ADDRESS, LINK_PORT)
}

/// How long a firewall may take to have its clock put forward.
const CLOCK_LIMIT: Duration = Duration::from_secs(15);

/// Connections to the link, from wherever they come.
pub(super) type Visitors = mpsc::UnboundedSender<(Stream, SocketAddr)>;

/// A Console with a REST API on loopback and a link that takes connections from a task.
pub struct ConsoleEnd {
    console: Console,
    client: ConsoleClient,
    users: Vec<User>,
    visitors: Visitors,
    clock: Arc<ShiftedClock>,
    recorder: SharedRecorder,
}

impl ConsoleEnd {
    /// Starts a Console with an administrator and an auditor; of the newest version, unless another is given.
    ///
    /// # Errors
    /// When it cannot start or listen on loopback.
    pub async fn start(
        semantics: Semantics,
        version: Option<Version>,
        embed: EmbedNames,
        recorder: SharedRecorder,
    ) -> Result<Self, RigError> {
        let users = vec![
            User::with_random_password("admin", Role::Administrator),
            User::with_random_password("auditor", Role::Auditor),
        ];
        let clock = Arc::new(ShiftedClock::default());
        let usual = ConsoleConfig::default();
        let console = Console::start(ConsoleConfig {
            version: version.unwrap_or(usual.version),
            clock: Arc::<ShiftedClock>::clone(&clock),
            names: vec![CONSOLE_NAME.to_owned(), "localhost".to_owned()],
            link_port: LINK_PORT,
            semantics,
            embed,
            users: users.clone(),
            // A scenario counts audits one by one.
            aggregation: false,
            recorder: Arc::clone(&recorder),
            ..usual
        })?;
        let address = console.serve_rest(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?)?;
        let (visitors, waiting) = mpsc::unbounded_channel();
        console.serve_link_on(stream::unfold(waiting, async |mut waiting| {
            waiting.recv().await.map(|visitor| (visitor, waiting))
        }));
        let caller = (users[0].name.as_str(), &users[0].password);
        let client = ConsoleClient::new(address, console.ca_pem(), caller, Arc::clone(&recorder))?;
        Ok(Self { console, client, users, visitors, clock, recorder })
    }

    /// The Console itself.
    #[must_use]
    pub fn console(&self) -> &Console {
        &self.console
    }

    /// Puts the Console's clock forward.
    pub fn pass_time(&self, by: SignedDuration) {
        self.clock.advance(by);
    }

    /// Has the firewalls' clock put forward, and waits until they say that it is.
    ///
    /// # Errors
    /// When no Defender is connected, or one does not say it in time.
    pub async fn pass_time_of_firewalls(&self, by: Duration) -> Result<(), RigError> {
        Ok(self.console.pass_time_of_firewalls(by, CLOCK_LIMIT).await?)
    }

    /// The administrator's client.
    #[must_use]
    pub fn client(&self) -> &ConsoleClient {
        &self.client
    }

    /// The client of another user.
    ///
    /// # Errors
    /// When there is no such user.
    pub fn client_of(&self, name: &str) -> Result<ConsoleClient, RigError> {
        let user = self.users.iter().find(|user| user.name == name);
        let user = user.ok_or_else(|| RigError::NoUser(name.to_owned()))?;
        Ok(self.client.as_user(&user.name, &user.password))
    }

    /// Names of the users.
    #[must_use]
    pub fn users(&self) -> Vec<String> {
        self.users.iter().map(|user| user.name.clone()).collect()
    }

    /// Where connections to the link are handed in.
    pub(super) fn visitors(&self) -> Visitors {
        self.visitors.clone()
    }

    pub(crate) fn recorder(&self) -> SharedRecorder {
        Arc::clone(&self.recorder)
    }

    /// Embeds a definition through the Console's API.
    ///
    /// # Errors
    /// When the Console refuses.
    pub async fn embed(&self, definition: &Value) -> Result<Value, RigError> {
        let path = format!("/defenders/fargate.json?consoleaddr={CONSOLE_NAME}&defenderType=fargate");
        self.client.demand("POST", &path, Some(definition)).await
    }

    /// Sends a fence and waits until it has come out of every Defender.
    ///
    /// # Errors
    /// When none is connected, or one does not answer.
    pub async fn fence(&self, within: Duration) -> Result<(), RigError> {
        self.console.fence(within).await?;
        Ok(())
    }

    /// Waits until every connected Defender decides by the current policy.
    ///
    /// # Errors
    /// When one refuses it or is late.
    pub async fn policy_in_force(&self, within: Duration) -> Result<(), RigError> {
        Ok(self.console.wait_applied(None, self.console.current_revision(), within).await?)
    }

    /// Stops every server.
    pub async fn shutdown(&self) {
        self.console.shutdown().await;
    }

    /// Tells that the Console was reached from the task.
    pub(super) fn note_visit(recorder: &SharedRecorder, client: SocketAddr, server: SocketAddr) {
        let observation = Observation::OutsideConnection {
            client: client.to_string(),
            server: server.to_string(),
            transport: proofhouse_protocol::observation::Transport::Tcp,
            accepted: true,
        };
        let source = proofhouse_protocol::Source::Outside(CONSOLE_NAME.to_owned());
        proofhouse_protocol::observation::record(&**recorder, source, observation);
    }
}
