//! What comes on a stream of HTTP/2, until it is asked for.
//!
//! The library keeps each frame by itself, and a frame may have a single byte. So a task takes them from it as they come, and small ones
//! are put together. The other side gets new room only for what was asked for.

use super::super::held::Held;
use bytes::Bytes;
use h2::{FlowControl, RecvStream};
use hyper::HeaderMap;
use hyper::body::Frame;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use tokio::task::AbortHandle;

/// One direction of a stream.
#[derive(Debug)]
pub(in super::super) struct Arriving {
    came: Arc<Mutex<Came>>,
    room: FlowControl,
    /// What takes frames from the library; none where there are none to come.
    task: Option<AbortHandle>,
}

#[derive(Debug, Default)]
struct Came {
    held: Held,
    /// With the trailers, until they have gone on.
    end: Option<Result<Option<HeaderMap>, h2::Error>>,
    waiting: Option<Waker>,
}

impl Came {
    fn wake(&mut self) {
        if let Some(waiting) = self.waiting.take() {
            waiting.wake();
        }
    }
}

fn locked(came: &Mutex<Came>) -> MutexGuard<'_, Came> {
    came.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Arriving {
    /// Begins to take them.
    pub(in super::super) fn begin(mut frames: RecvStream) -> Self {
        let room = frames.flow_control().clone();
        if frames.is_end_stream() {
            let came = Came { end: Some(Ok(None)), ..Came::default() };
            return Self { came: Arc::new(Mutex::new(came)), room, task: None };
        }
        let came = Arc::<Mutex<Came>>::default();
        let task = tokio::spawn(take(frames, Arc::clone(&came))).abort_handle();
        Self { came, room, task: Some(task) }
    }

    /// The next piece; frames of trailers are the last.
    pub(in super::super) fn poll_frame(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        let mut came = locked(&self.came);
        if let Some(frame) = came.held.pop() {
            drop(came);
            // Who gave the frame cannot be owed more room than it took.
            let _ = self.room.release_capacity(frame.data_ref().map_or(0, Bytes::len));
            return Poll::Ready(Some(Ok(frame)));
        }
        match came.end.take() {
            None => {
                came.waiting = Some(context.waker().clone());
                Poll::Pending
            }
            Some(end) => {
                came.end = Some(Ok(None));
                Poll::Ready(end.transpose().map(|trailers| trailers.map(Frame::trailers)))
            }
        }
    }

    /// Whether nothing is to come any more.
    pub(in super::super) fn is_over(&self) -> bool {
        let came = locked(&self.came);
        came.held.is_empty() && matches!(came.end, Some(Ok(None)))
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn take(mut frames: RecvStream, into: Arc<Mutex<Came>>) {
    loop {
        let (data, end) = match frames.data().await {
            Some(Ok(data)) => (data, frames.is_end_stream().then_some(Ok(None))),
            Some(Err(error)) => (Bytes::new(), Some(Err(error))),
            None => (Bytes::new(), Some(frames.trailers().await)),
        };
        let ended = end.is_some();
        let mut came = locked(&into);
        came.held.push(Frame::data(data));
        came.end = end;
        came.wake();
        if ended {
            return;
        }
    }
}
