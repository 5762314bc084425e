//! Bodies on their way through: what was read for inspection, then the rest as it comes.

use super::held::Held;
use super::line::Busy;
use super::messages::Messages;
use super::rest::{Broken, Rest};
use crate::body::grpc;
use bytes::Bytes;
use h2::Reason;
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use thiserror::Error;

/// A body that is partly here.
#[derive(Debug, Default)]
pub(crate) struct Body {
    ready: Held,
    rest: Option<Rest>,
    /// Whether what stands behind the body goes on too.
    trailers: bool,
    /// Goes with the body.
    busy: Option<Busy>,
    /// Where what comes is judged, message by message.
    messages: Option<Messages>,
}

/// Why a body ends before its end.
#[derive(Debug, Error)]
pub(crate) enum BodyError {
    /// It does not come.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// A message of it may not go on.
    #[error("a message was refused")]
    Refused,
}

impl BodyError {
    /// What a stream of HTTP/2 is reset with: as the other side was, where it was.
    pub(super) fn reason(&self) -> Reason {
        match self {
            Self::Broken(Broken::Http2(error)) => error.reason().unwrap_or(Reason::INTERNAL_ERROR),
            Self::Broken(Broken::Http1(_)) | Self::Refused => Reason::INTERNAL_ERROR,
        }
    }
}

/// The beginning of a body, as far as it is inspected.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) bytes: Vec<u8>,
    /// Whether the body goes on.
    pub(super) exceeded: bool,
    /// Whether it was looked at.
    pub(super) read: bool,
}

impl Body {
    /// A request's. Its trailers end here: they come when the request was decided on, and an application that reads them as headers
    /// would read what nobody has looked at.
    pub(super) fn of_request(rest: Rest) -> Self {
        Self { rest: Some(rest), ..Self::default() }
    }

    /// Keeps a connection busy for as long as there is the body.
    pub(super) fn keep(&mut self, busy: Busy) {
        self.busy = Some(busy);
    }

    /// Waits until the body is here, or more of it than `limit`. Nothing is lost: what was read goes out first.
    pub(super) async fn fill(&mut self, limit: usize) -> Result<Part, Broken> {
        let mut length = 0;
        while length <= limit
            && let Some(more) = self.next_frame().await?
        {
            length += more.len();
        }
        // Put together once: a text that grows is there twice.
        let mut bytes = Vec::with_capacity(length.min(limit));
        for data in self.ready.data() {
            bytes.extend_from_slice(&data[..data.len().min(limit - bytes.len())]);
        }
        Ok(Part { bytes, exceeded: length > limit, read: true })
    }

    /// Waits until a message of gRPC is here, or more of it than `limit`. Where none begins to come for some time the part is empty: the
    /// client may wait for the application to speak first.
    pub(super) async fn fill_message(&mut self, limit: usize, patience: Duration) -> Result<Part, Broken> {
        let mut part = Part { read: true, ..Part::default() };
        loop {
            let more = match tokio::time::timeout(patience, self.next_frame()).await {
                Ok(more) => more?,
                Err(_) if part.bytes.is_empty() => None,
                Err(_) => continue,
            };
            if let Some(data) = &more {
                let room = limit - part.bytes.len();
                part.exceeded = data.len() > room;
                part.bytes.extend_from_slice(&data[..data.len().min(room)]);
            }
            if more.is_none() || part.exceeded || grpc::whole(&part.bytes) > 0 {
                return Ok(part);
            }
        }
    }

    /// Has what comes from now on judged message by message. What is here was looked at, as far as it is whole.
    pub(super) fn watch(&mut self, mut messages: Messages) {
        let mut here = std::mem::take(&mut self.ready);
        while let Some(frame) = here.pop() {
            if let Ok(data) = frame.into_data() {
                let passed = messages.pass(&data, true).expect("nothing is refused that is not judged");
                self.ready.push(Frame::data(Bytes::from(passed)));
            }
        }
        self.messages = Some(messages);
    }

    /// Waits for the next frame, and keeps it; what it has of the body, none where there is none.
    async fn next_frame(&mut self) -> Result<Option<Bytes>, Broken> {
        let Some(rest) = &mut self.rest else { return Ok(None) };
        let ended = rest.is_end_stream();
        let Some(frame) = (if ended { None } else { rest.frame().await.transpose()? }) else {
            self.rest = None;
            return Ok(None);
        };
        let data = frame.data_ref().cloned().unwrap_or_default();
        self.ready.push(frame);
        Ok(Some(data))
    }

    /// The next frame of a call, which has no trailers: they end here.
    fn poll_message(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Some(messages) = &mut self.messages else { return Poll::Ready(None) };
        while let Some(rest) = &mut self.rest {
            let passed = match ready!(Pin::new(rest).poll_frame(context)).transpose()? {
                Some(frame) => {
                    frame.into_data().map_or_else(|_| Some(Vec::new()), |data| messages.pass(&data, false))
                }
                None => {
                    self.rest = None;
                    messages.finish()
                }
            };
            match passed {
                None => {
                    self.rest = None;
                    return Poll::Ready(Some(Err(BodyError::Refused)));
                }
                Some(passed) if passed.is_empty() => {}
                Some(passed) => return Poll::Ready(Some(Ok(Frame::data(Bytes::from(passed))))),
            }
        }
        // The last of what was held when the call ended before it was watched.
        match messages.finish() {
            None => Poll::Ready(Some(Err(BodyError::Refused))),
            Some(held) if held.is_empty() => Poll::Ready(None),
            Some(held) => Poll::Ready(Some(Ok(Frame::data(Bytes::from(held))))),
        }
    }
}

impl From<Rest> for Body {
    fn from(rest: Rest) -> Self {
        Self { rest: Some(rest), trailers: true, ..Self::default() }
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        let mut body = Self::default();
        body.ready.push(Frame::data(Bytes::from(text)));
        body
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let keeps = self.trailers;
        while let Some(frame) = self.ready.pop() {
            if keeps || frame.is_data() {
                return Poll::Ready(Some(Ok(frame)));
            }
        }
        if self.messages.is_some() {
            return self.poll_message(context);
        }
        let Some(rest) = &mut self.rest else {
            return Poll::Ready(None);
        };
        loop {
            match ready!(Pin::new(&mut *rest).poll_frame(context)) {
                Some(Ok(frame)) if !keeps && !frame.is_data() => {}
                frame => return Poll::Ready(frame.map(|frame| frame.map_err(BodyError::from))),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.messages.is_none()
            && self.ready.is_empty()
            && self.rest.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        if self.messages.is_some() {
            return SizeHint::default();
        }
        let here = self.ready.data().map(|data| data.len() as u64).sum::<u64>();
        let rest = self.rest.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint);
        let mut hint = SizeHint::new();
        hint.set_lower(here + rest.lower());
        if let Some(upper) = rest.upper() {
            hint.set_upper(here + upper);
        }
        hint
    }
}
