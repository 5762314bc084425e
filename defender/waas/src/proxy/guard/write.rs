//! What is written on a guarded connection: what the library says, and between its answers what it does not know of.

use super::Guard;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::AsyncWrite;

/// Bytes of answers before the answer that may wait for the client.
const MOST_EARLY: usize = 64 * 1024;

impl<S> Guard<S> {
    /// Takes the head of an answer before the answer, to be written before anything else. Of more than a client reads the rest is
    /// left out.
    pub(in super::super) fn tell(&mut self, head: &[u8]) {
        if self.early.len() + head.len() <= MOST_EARLY {
            self.early.extend_from_slice(head);
        }
    }

    /// Notes how a write went.
    fn noted<T>(&mut self, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        self.passed += 1;
        self.blocked = polled.is_pending();
        polled
    }
}

impl<S: AsyncWrite + Unpin> Guard<S> {
    /// Writes the answers before the answer, if this is a place for them. The library flushes when it has written all that it had, and
    /// so it does before it waits for an answer.
    fn poll_early(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.between {
            // The client has not read what came before, so that the answer itself may be on its way.
            self.early.clear();
        }
        while !self.early.is_empty() {
            let polled = Pin::new(&mut self.stream).poll_write(context, &self.early);
            let written = ready!(self.noted(polled))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.early.drain(..written);
        }
        self.early = Vec::new();
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guard<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_early(context))?;
        this.between = false;
        let polled = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.noted(polled)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_early(context))?;
        this.between = false;
        let polled = Pin::new(&mut this.stream).poll_write_vectored(context, bytes);
        this.noted(polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.between = true;
        ready!(this.poll_early(context))?;
        let polled = Pin::new(&mut this.stream).poll_flush(context);
        // What was written before is not gone by that alone.
        this.blocked |= polled.is_pending();
        polled
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
