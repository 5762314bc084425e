//! The Console as its owner holds it.

use crate::audits::{Gap, StoredAudit};
use crate::authority::{Authority, AuthorityError};
use crate::config::{ConsoleConfig, Role};
use crate::defenders::{Command, DefenderInfo};
use crate::embed::{EmbedRequest, embed};
use crate::faults::Faults;
use crate::link;
use crate::policy::Refusal;
use crate::rest::{self, Encryption};
use crate::sabotage::Sabotage;
use crate::state::Shared;
use crate::tls::{Tls, TlsError};
use crate::version::Version;
use futures_util::{Stream, stream};
use proofhouse_protocol::link::PolicyRevision;
use proofhouse_protocol::{Observation, Secret};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::DropGuard;

/// The Console could not start.
#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    /// No certificate authority.
    #[error("certificate authority could not be made: {0}")]
    Authority(#[from] AuthorityError),
    /// No TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Its first policy is wrong.
    #[error("first policy revision could not be made: {0}")]
    Policy(#[from] Refusal),
    /// No name for its certificate.
    #[error("console has no name: give at least one in 'names', so that defenders can reach it")]
    NoName,
    /// Nobody could use its API.
    #[error("console has no user with the administrator role: give one in 'users'")]
    NoAdministrator,
    /// A socket without an address.
    #[error("listener has no local address: {0}")]
    Listener(#[from] std::io::Error),
}

/// A running Console. Cloning shares it; it stops with [`Console::shutdown`], or when the last clone is dropped.
/// The `serve_*` functions spawn onto the tokio runtime they are called in.
#[derive(Clone)]
pub struct Console {
    pub(crate) shared: Arc<Shared>,
    tls: Tls,
    _stops: Arc<DropGuard>,
}

impl fmt::Debug for Console {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("config", &self.shared.config).finish_non_exhaustive()
    }
}

impl Console {
    /// Makes a Console with its first policy revision. It serves nothing yet.
    ///
    /// # Errors
    /// When the configuration lacks a name or an administrator, or certificates cannot be made.
    pub fn start(config: ConsoleConfig) -> Result<Self, ConsoleError> {
        if config.names.is_empty() {
            return Err(ConsoleError::NoName);
        }
        if !config.users.iter().any(|user| user.role == Role::Administrator) {
            return Err(ConsoleError::NoAdministrator);
        }
        for user in &config.users {
            config.recorder.keep_secret(&format!("password of {}", user.name), &user.password);
        }
        let authority = match &config.authority {
            Some(authority) => authority.clone(),
            None => Authority::generate()?,
        };
        let shared = Arc::new(Shared::new(config, authority)?);
        let tls = Tls::new(&shared.authority, &shared.config.names, &shared.faults)?;
        let stops = Arc::new(shared.shutdown.clone().drop_guard());
        Ok(Self { shared, tls, _stops: stops })
    }

    /// Serves the REST API over HTTPS, and returns at once.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn serve_rest(&self, listener: TcpListener) -> Result<SocketAddr, ConsoleError> {
        let address = listener.local_addr()?;
        *self.shared.rest_address.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
        self.serve_rest_on(accepted(listener));
        Ok(address)
    }

    /// Serves the REST API over HTTPS on connections that someone else accepts, and returns at once.
    pub fn serve_rest_on<S, IO>(&self, incoming: S)
    where
        S: Stream<Item = (IO, SocketAddr)> + Send + 'static,
        IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let encryption = Encryption::Tls(self.tls.rest.clone());
        self.shared.tasks.spawn(rest::serve(self.shared.clone(), encryption, incoming));
    }

    /// Serves the REST API without TLS on connections that someone else accepts, and returns at once.
    pub fn serve_rest_plain_on<S, IO>(&self, incoming: S)
    where
        S: Stream<Item = (IO, SocketAddr)> + Send + 'static,
        IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        self.shared.tasks.spawn(rest::serve(self.shared.clone(), Encryption::None, incoming));
    }

    /// Serves the Defender link on connections that someone else accepts, and returns at once.
    pub fn serve_link_on<S, IO>(&self, incoming: S)
    where
        S: Stream<Item = (IO, SocketAddr)> + Send + 'static,
        IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        self.shared.tasks.spawn(link::serve(self.shared.clone(), self.tls.link.clone(), incoming));
    }

    /// Serves the Defender link on a listener, and returns at once.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn serve_link(&self, listener: TcpListener) -> Result<SocketAddr, ConsoleError> {
        let address = listener.local_addr()?;
        self.serve_link_on(accepted(listener));
        Ok(address)
    }

    /// Stops serving, closes every connection, and waits until all is quiet.
    pub async fn shutdown(&self) {
        self.shared.shutdown.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }

    /// Certificate of the authority that clients must trust, PEM.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        self.shared.authority.pem()
    }

    /// The authority, for a Console that goes on where this one ends.
    #[must_use]
    pub fn authority(&self) -> Authority {
        self.shared.authority.clone()
    }

    /// Where the REST API listens, once it does.
    #[must_use]
    pub fn rest_address(&self) -> Option<SocketAddr> {
        *self.shared.rest_address.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Name and password of the first administrator.
    #[must_use]
    pub fn admin(&self) -> (String, Secret) {
        let admin = self.shared.config.users.iter().find(|user| user.role == Role::Administrator);
        admin.map(|user| (user.name.clone(), user.password.clone())).expect("start has checked for one")
    }

    /// What the Console was started with.
    #[must_use]
    pub fn config(&self) -> &ConsoleConfig {
        &self.shared.config
    }

    /// Switches for declared faults.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.shared.faults.clone()
    }

    /// Sabotages messages of every link from now on; it is told as a fault is.
    pub fn sabotage(&self, sabotage: Sabotage) {
        let name = sabotage.to_string();
        if self.shared.sabotages.begin(sabotage) {
            self.shared.tell(Observation::Fault { name, active: true });
        }
    }

    /// Lets them pass again. What is late by then still comes late.
    pub fn end_sabotage(&self, sabotage: &Sabotage) {
        if self.shared.sabotages.end(sabotage) {
            self.shared.tell(Observation::Fault { name: sabotage.to_string(), active: false });
        }
    }

    /// Number of the newest policy revision.
    #[must_use]
    pub fn current_revision(&self) -> u64 {
        self.shared.policy.borrow().revision
    }

    /// The newest policy revision, as Defenders get it.
    #[must_use]
    pub fn current_policy(&self) -> Arc<PolicyRevision> {
        self.shared.policy.borrow().clone()
    }

    /// An embed request with a fresh install bundle and this Console's defaults.
    ///
    /// # Errors
    /// When no certificate can be issued.
    pub fn embed_request(&self, console_address: &str) -> Result<EmbedRequest, Refusal> {
        self.shared.embed_request(console_address)
    }

    /// Protects a task definition with this Console's defaults, for Defenders that reach it by its first name.
    ///
    /// # Errors
    /// When the document cannot be protected.
    pub fn embed(&self, document: Value) -> Result<Value, Refusal> {
        let address = self.shared.config.names.first().expect("start has checked for one");
        Ok(embed(document, &self.shared.embed_request(address)?)?)
    }

    /// Replaces the runtime policy by an exported one, together with the collections that it carries; the call of a
    /// user's script would refuse those that do not exist [COLL]. Returns the new revision.
    ///
    /// # Errors
    /// When the policy is refused; nothing changes then.
    pub fn import_runtime_policy(&self, policy: Value) -> Result<u64, Refusal> {
        let (user, _) = self.admin();
        self.shared.write(&user, |policies, writer| policies.import_runtime(policy, writer))
    }

    /// Replaces the WAAS policy by an exported one, together with the collections that it carries. Returns the new
    /// revision.
    ///
    /// # Errors
    /// When the policy is refused; nothing changes then.
    pub fn import_waas_policy(&self, policy: Value) -> Result<u64, Refusal> {
        let (user, _) = self.admin();
        self.shared.keep_secrets(&policy);
        self.shared.write(&user, |policies, writer| policies.import_waas(policy, writer))
    }

    /// Aggregates audits that come from now on in the REST view, or no longer (section 3.8).
    pub fn aggregate(&self, aggregation: bool) {
        self.shared.aggregation.store(aggregation, Ordering::Relaxed);
    }

    /// Every Defender that is remembered now, by app ID.
    #[must_use]
    pub fn defenders(&self) -> Vec<DefenderInfo> {
        let mut inner = self.shared.lock();
        self.shared.forget_old_defenders(&mut inner);
        inner.defenders.values().map(crate::defenders::Record::info).collect()
    }

    /// Every audit that came, once, in the order of arrival and without aggregation.
    #[must_use]
    pub fn audits(&self) -> Vec<StoredAudit> {
        self.shared.lock().audits.raw()
    }

    /// Sequence numbers that were skipped, by app ID. A number that came late after all is still listed.
    #[must_use]
    pub fn audit_gaps(&self) -> Vec<(String, Gap)> {
        self.shared.lock().audits.gaps()
    }

    /// Last counters of each Defender, by app ID.
    #[must_use]
    pub fn counters(&self) -> BTreeMap<String, BTreeMap<String, u64>> {
        let inner = self.shared.lock();
        inner.defenders.iter().map(|(app, record)| (app.clone(), record.counters.clone())).collect()
    }

    /// The version that it has now.
    #[must_use]
    pub fn version(&self) -> Version {
        self.shared.version()
    }

    /// Goes on as a Console of another version, with all that it has. Links that are open stay so until they are closed.
    pub fn upgrade(&self, to: Version) {
        self.shared.upgrade(to);
    }

    /// Closes every link; Defenders may come back at once.
    pub fn close_links(&self) {
        for record in self.shared.lock().defenders.values() {
            if let Some(session) = &record.session {
                session.close.cancel();
            }
        }
    }

    /// Pushes an old revision again, to every connected Defender. False when it is not remembered.
    #[must_use]
    pub fn replay(&self, revision: u64) -> bool {
        let inner = self.shared.lock();
        let Some(old) = inner.revisions.iter().find(|old| old.revision == revision) else { return false };
        inner.command(&inner.connected(), &Command::Policy(Box::new((**old).clone())));
        true
    }
}

/// The connections of a listener.
fn accepted(listener: TcpListener) -> impl Stream<Item = (TcpStream, SocketAddr)> + Send + 'static {
    stream::unfold(listener, |listener| async move {
        loop {
            match listener.accept().await {
                Ok(connection) => return Some((connection, listener)),
                // Out of descriptors, or a peer that is gone already: the next may do.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    })
}
