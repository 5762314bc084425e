//! Takes connections; each has a task of its own, so that one that is slow or silent holds up no other.

use super::admit::{Admitted, admit};
use super::incoming::Incoming;
use super::reader::read;
use super::registry::Ticket;
use super::writer::Writer;
use crate::defenders::Command;
use crate::faults::{CutStream, LinkFault};
use crate::sabotage::Gate;
use crate::state::Shared;
use futures_util::{Stream, StreamExt as _};
use proofhouse_protocol::Observation;
use rustls::ServerConfig;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

/// How long the last words of a connection may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// Serves every connection of `incoming`, until that ends or the Console shuts down.
pub(crate) async fn serve<S, IO>(shared: Arc<Shared>, tls: Arc<ServerConfig>, incoming: S)
where
    S: Stream<Item = (IO, SocketAddr)>,
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut incoming = std::pin::pin!(incoming);
    loop {
        let next = tokio::select! {
            () = shared.shutdown.cancelled() => return,
            next = incoming.next() => next,
        };
        let Some((io, peer)) = next else { return };
        let (shared, tls) = (shared.clone(), tls.clone());
        let tasks = shared.tasks.clone();
        tasks.spawn(async move { connection(&shared, tls, io, peer.to_string()).await });
    }
}

async fn connection<IO>(shared: &Arc<Shared>, tls: Arc<ServerConfig>, io: IO, peer: String)
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let refusal = |error: String| Observation::LinkRefused { peer: peer.clone(), error };
    let refused = |error: String| shared.tell(refusal(error));
    let faults = shared.faults.link();
    if faults.contains(&LinkFault::Refuse) {
        return refused(format!("declared fault {}", crate::faults::Fault::Link(LinkFault::Refuse)));
    }
    if faults.contains(&LinkFault::Hang) {
        return hang(shared).await;
    }
    let cut =
        faults.iter().find_map(|fault| if let LinkFault::Cut(after) = fault { Some(*after) } else { None });
    let admitted = tokio::select! {
        () = shared.shutdown.cancelled() => return,
        admitted = admit(shared, tls, CutStream::new(io, cut)) => admitted,
    };
    let Admitted { mut sink, stream, certificate, hello } = match admitted {
        Ok(admitted) => admitted,
        Err(error) => return refused(error),
    };
    if shared.faults.link().contains(&LinkFault::CloseAfterHello) {
        // Whether the other side still reads the farewell is its own affair.
        let _ = timeout(FAREWELL, futures_util::SinkExt::close(&mut sink)).await;
        return refused(format!("declared fault {}", crate::faults::Fault::Link(LinkFault::CloseAfterHello)));
    }

    let (acks, acknowledged) = watch::channel(0);
    let (ticket, commands, close) = Ticket::take(shared, hello, peer.clone(), certificate);
    let say = ticket.commands();
    let (forge, forged) = mpsc::unbounded_channel();
    let outgoing = Gate::of_console(shared.sabotages.clone(), forge);
    let incoming = Incoming::new(stream, Gate::of_defender(shared.sabotages.clone()), forged);
    let mut writer = std::pin::pin!(Writer::new(shared, sink, acknowledged, commands, close, outgoing).run());
    let ended = tokio::select! {
        () = &mut writer => None,
        ended = read(shared, &ticket, incoming, &acks) => Some(ended),
    };
    let Some(Err(error)) = ended else { return ticket.give_back(None) };
    // Before the farewell, which may take its time: who reads of the breach finds the Defender disconnected.
    ticket.give_back(Some(refusal(error.clone())));
    if say.send(Command::Refuse(error)).is_ok() {
        // A peer that does not read its refusal does not get it.
        let _ = timeout(FAREWELL, writer).await;
    }
}

/// Keeps a connection open without a word, as long as the fault is on.
async fn hang(shared: &Shared) {
    let mut faults = shared.faults.watch();
    while shared.faults.link().contains(&LinkFault::Hang) {
        tokio::select! {
            () = shared.shutdown.cancelled() => return,
            changed = faults.changed() => if changed.is_err() { return },
        }
    }
}
