//! What the Console says to one Defender: the newest revision, acknowledgements, fences, and declared faults.

use super::admit::Socket;
use crate::defenders::Command;
use crate::faults::{Fault, LinkFault};
use crate::sabotage::Gate;
use crate::state::Shared;
use futures_util::SinkExt as _;
use futures_util::stream::SplitSink;
use proofhouse_protocol::link::{FromConsole, PolicyRevision};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_util::sync::CancellationToken;

const FAREWELL: Duration = Duration::from_secs(1);

/// In which form a revision goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Clean,
    Malformed,
    Truncated,
}

/// The writing half of one connection. Revisions and acknowledgements are states, not queues: a slow Defender
/// gets the newest of each, and costs no memory.
pub(super) struct Writer<'a, IO> {
    shared: &'a Shared,
    sink: SplitSink<Socket<IO>, Message>,
    policy: watch::Receiver<Arc<PolicyRevision>>,
    faults: watch::Receiver<Vec<Fault>>,
    acks: watch::Receiver<u64>,
    commands: mpsc::UnboundedReceiver<Command>,
    close: CancellationToken,
    pushed: Option<(u64, Form)>,
    gate: Gate,
}

/// The connection is over.
struct Over;

impl<'a, IO: AsyncRead + AsyncWrite + Unpin> Writer<'a, IO> {
    pub(super) fn new(
        shared: &'a Shared,
        sink: SplitSink<Socket<IO>, Message>,
        acks: watch::Receiver<u64>,
        commands: mpsc::UnboundedReceiver<Command>,
        close: CancellationToken,
        gate: Gate,
    ) -> Self {
        Self {
            gate,
            policy: shared.policy.subscribe(),
            faults: shared.faults.watch(),
            shared,
            sink,
            acks,
            commands,
            close,
            pushed: None,
        }
    }

    /// Writes until the connection ends, or is told to.
    pub(super) async fn run(mut self) {
        let close = self.close.clone();
        tokio::select! {
            () = close.cancelled() => {}
            _ = self.write() => {}
        }
        // The other side may be gone already.
        let _ = timeout(FAREWELL, self.sink.close()).await;
    }

    async fn write(&mut self) -> Over {
        match self.write_until_over().await {
            Ok(never) => match never {},
            Err(over) => over,
        }
    }

    async fn write_until_over(&mut self) -> Result<std::convert::Infallible, Over> {
        self.say(&FromConsole::Welcome { version: self.shared.version().to_string() }).await?;
        self.push().await?;
        loop {
            tokio::select! {
                changed = self.policy.changed() => {
                    changed.map_err(|_| Over)?;
                    self.push().await?;
                }
                changed = self.faults.changed() => {
                    changed.map_err(|_| Over)?;
                    self.push().await?;
                }
                changed = self.acks.changed() => {
                    changed.map_err(|_| Over)?;
                    let through = *self.acks.borrow_and_update();
                    if !self.shared.faults.link().contains(&LinkFault::LoseAcks) {
                        self.say(&FromConsole::Ack { through }).await?;
                    }
                }
                late = self.gate.due() => self.write_out(late).await?,
                command = self.commands.recv() => match command.ok_or(Over)? {
                    Command::Fence(id) => self.say(&FromConsole::Fence { id }).await?,
                    // A lost one is made good by the next, as it counts for all before.
                    Command::Noted(_) if self.shared.faults.link().contains(&LinkFault::LoseAcks) => {}
                    Command::Noted(through) => self.say(&FromConsole::Noted { through }).await?,
                    Command::ResetMonitoringStats(reset) => {
                        self.say(&FromConsole::ResetMonitoringStats { reset }).await?;
                    }
                    Command::Clock(ahead) => self.say(&FromConsole::Clock { ahead: ahead.as_secs() }).await?,
                    Command::Policy(revision) => self.say(&FromConsole::Policy(revision)).await?,
                    Command::Refuse(error) => {
                        self.say(&FromConsole::Refused { error }).await?;
                        return Err(Over);
                    }
                },
            }
        }
    }

    /// Pushes the revision that this Defender should have now, unless it was the last one pushed.
    async fn push(&mut self) -> Result<(), Over> {
        let mut revision = self.policy.borrow_and_update().clone();
        self.faults.mark_unchanged();
        let faults = self.shared.faults.link();
        if faults.contains(&LinkFault::StalePolicy) {
            let former = {
                let inner = self.shared.lock();
                inner.revisions.iter().rev().find(|former| former.revision < revision.revision).cloned()
            };
            let Some(former) = former else { return Ok(()) };
            revision = former;
        }
        let form = if faults.contains(&LinkFault::TruncatedPolicy) {
            Form::Truncated
        } else if faults.contains(&LinkFault::MalformedPolicy) {
            Form::Malformed
        } else {
            Form::Clean
        };
        if self.pushed == Some((revision.revision, form)) {
            return Ok(());
        }
        self.pushed = Some((revision.revision, form));
        let text = text(&FromConsole::Policy(Box::new((*revision).clone())));
        self.send(in_form(text, form)).await?;
        if faults.contains(&LinkFault::ReplayPolicy) {
            let oldest = self.shared.lock().revisions.first().cloned();
            if let Some(oldest) = oldest.filter(|oldest| oldest.revision < revision.revision) {
                self.say(&FromConsole::Policy(Box::new((*oldest).clone()))).await?;
            }
        }
        Ok(())
    }

    async fn say(&mut self, message: &FromConsole) -> Result<(), Over> {
        self.send(text(message)).await
    }

    async fn send(&mut self, text: String) -> Result<(), Over> {
        for text in self.gate.pass(text) {
            self.write_out(text).await?;
        }
        Ok(())
    }

    async fn write_out(&mut self, text: String) -> Result<(), Over> {
        for fault in self.shared.faults.link() {
            if let LinkFault::Slow(by) = fault {
                tokio::time::sleep(by).await;
            }
        }
        self.sink.send(Message::text(text)).await.map_err(|_| Over)
    }
}

fn text(message: &FromConsole) -> String {
    serde_json::to_string(message).expect("a message is made of strings and numbers")
}

/// The same message, broken in the way asked for.
fn in_form(text: String, form: Form) -> String {
    match form {
        Form::Clean => text,
        Form::Truncated => text.chars().take(text.chars().count() / 2).collect(),
        Form::Malformed => {
            let mut message: serde_json::Value =
                serde_json::from_str(&text).expect("the text was just written");
            message["runtime"]["rules"] = serde_json::json!("not a list");
            message.to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofhouse_protocol::{RuntimePolicy, Semantics, WaasPolicy};

    fn policy() -> String {
        text(&FromConsole::Policy(Box::new(PolicyRevision {
            revision: 3,
            runtime: RuntimePolicy::default(),
            waas: WaasPolicy::default(),
            semantics: Semantics::current(),
        })))
    }

    #[test]
    fn broken_forms_are_no_policy_and_the_clean_one_is() {
        assert!(serde_json::from_str::<FromConsole>(&in_form(policy(), Form::Clean)).is_ok());
        let malformed = in_form(policy(), Form::Malformed);
        assert!(serde_json::from_str::<serde_json::Value>(&malformed).is_ok());
        assert!(serde_json::from_str::<FromConsole>(&malformed).is_err());
        let truncated = in_form(policy(), Form::Truncated);
        assert!(serde_json::from_str::<serde_json::Value>(&truncated).is_err());
    }
}
