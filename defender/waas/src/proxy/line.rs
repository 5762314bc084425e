//! A connection that the HTTP library holds only while there is something to serve.
//!
//! For each connection the library keeps buffers of 24 KiB. One that waits for its next request needs none of them: it is taken from
//! the library, and given to it again once a head has arrived.

use super::early::EarlyAnswer;
use super::guard::Guard;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};

/// How long the end of a connection may take to be told.
const FAREWELL: Duration = Duration::from_secs(1);

/// A connection, as the library and its owner share it.
#[derive(Debug)]
pub(super) struct Line<S>(Arc<Mutex<Guard<S>>>);

/// Stands for a request that is not answered whole.
#[derive(Debug)]
pub(crate) struct Busy(Arc<AtomicUsize>);

/// What passed on a connection, to tell whether it rests.
#[derive(Debug, Default, Clone)]
pub(super) struct Traffic {
    busy: Arc<AtomicUsize>,
    seen: u64,
}

impl<S> Clone for Line<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S> Line<S> {
    pub(super) fn new(guard: Guard<S>) -> Self {
        Self(Arc::new(Mutex::new(guard)))
    }

    fn guard(&self) -> MutexGuard<'_, Guard<S>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    /// Waits for a head, or for whatever else the library has to answer; false when the client ended instead. Nobody else
    /// may read meanwhile.
    pub(super) async fn head(&self) -> io::Result<bool> {
        poll_fn(|context| self.guard().poll_head(context)).await
    }

    /// Whether the client speaks HTTP/2, once it has spoken.
    pub(super) fn is_http2(&self) -> bool {
        self.guard().is_http2()
    }

    /// Has an answer before the answer written, which the library does not know of. To be called while it waits for the answer.
    pub(super) fn tell(&self, early: &EarlyAnswer) {
        self.guard().tell(&early.head());
    }

    /// Tells the client that this is the end.
    pub(super) async fn close(mut self) {
        // It may be gone; then there is nobody to tell.
        let _ = tokio::time::timeout(FAREWELL, self.shutdown()).await;
    }
}

impl Traffic {
    /// One more request.
    pub(super) fn request(&self) -> Busy {
        self.busy.fetch_add(1, Ordering::Relaxed);
        Busy(Arc::clone(&self.busy))
    }

    /// Whether all requests are answered, nothing is on its way, and nothing passed since the last call.
    pub(super) fn rests<S>(&mut self, line: &Line<S>) -> bool {
        let guard = line.guard();
        let passed = guard.passed();
        let still = std::mem::replace(&mut self.seen, passed) == passed;
        still && guard.is_clear() && self.busy.load(Ordering::Acquire) == 0
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Line<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.guard()).poll_read(context, out)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Line<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.guard()).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.guard()).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.guard().is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.guard()).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.guard()).poll_shutdown(context)
    }
}
