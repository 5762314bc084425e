//! Standard input and output, and the agent's end.

use crate::dispatcher::Dispatcher;
use crate::namespace::{Outside, Task};
use crate::outgoing::{Outgoing, Queued};
use bytes::BytesMut;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use proofhouse_wire::relay::Decoder;
use std::io;
use std::os::fd::AsFd;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::LocalSet;

const READ: usize = 128 * 1024;
const TOGETHER: usize = 16;

/// Serves the harness until standard input ends, output breaks, or SIGTERM comes.
pub fn run(task: Task, outside: Outside) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        // As the first process of its namespace the agent would otherwise never see the signal.
        let mut terminate = signal(SignalKind::terminate())?;
        let input = pipe::Receiver::from_owned_fd_unchecked(io::stdin().as_fd().try_clone_to_owned()?)?;
        let output = pipe::Sender::from_owned_fd_unchecked(io::stdout().as_fd().try_clone_to_owned()?)?;
        let children = signal(SignalKind::child())?;
        tokio::task::spawn_local(reap(children));
        let (outgoing, frames) = Outgoing::new();
        tokio::select! {
            result = read(input, Dispatcher::new(task, outside, outgoing)) => result,
            result = write(output, frames) => result,
            _ = terminate.recv() => Ok(()),
        }
    })
}

/// Takes leave of processes that have ended. The agent starts none, but where containers share its process namespace
/// (`pidMode` `task`) it inherits their orphans.
async fn reap(mut children: Signal) {
    while children.recv().await.is_some() {
        while let Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..)) =
            waitpid(None, Some(WaitPidFlag::WNOHANG))
        {}
    }
}

async fn read(mut input: pipe::Receiver, mut dispatcher: Dispatcher) -> io::Result<()> {
    let mut decoder = Decoder::default();
    while input.read_buf(decoder.room(READ)).await? > 0 {
        while let Some(frame) = decoder.next_frame().map_err(io::Error::other)? {
            dispatcher.dispatch(frame);
        }
    }
    Ok(())
}

async fn write(mut output: pipe::Sender, mut frames: UnboundedReceiver<Queued>) -> io::Result<()> {
    let mut batch = Vec::new();
    let mut bytes = BytesMut::new();
    while frames.recv_many(&mut batch, TOGETHER).await > 0 {
        for queued in batch.drain(..) {
            queued.frame.encode(&mut bytes);
        }
        output.write_all(&bytes).await?;
        bytes.clear();
    }
    Ok(())
}
