//! Bodies on their way through: what was read for inspection, then the rest as it comes.

use super::line::Busy;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A body that is partly here.
#[derive(Debug, Default)]
pub(crate) struct Body {
    ready: VecDeque<Frame<Bytes>>,
    rest: Option<Incoming>,
    /// Whether what stands behind the body goes on too.
    trailers: bool,
    /// Goes with the body.
    busy: Option<Busy>,
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
    pub(super) fn of_request(rest: Incoming) -> Self {
        Self { ready: VecDeque::new(), rest: Some(rest), trailers: false, busy: None }
    }

    /// Keeps a connection busy for as long as there is the body.
    pub(super) fn keep(&mut self, busy: Busy) {
        self.busy = Some(busy);
    }

    /// Waits until the body is here, or more of it than `limit`. Nothing is lost: what was read goes out first.
    pub(super) async fn fill(&mut self, limit: usize) -> Result<Part, hyper::Error> {
        let mut part = Part { read: true, ..Part::default() };
        while let Some(rest) = &mut self.rest {
            let ended = rest.is_end_stream();
            let Some(frame) = (if ended { None } else { rest.frame().await.transpose()? }) else {
                self.rest = None;
                break;
            };
            if let Some(data) = frame.data_ref() {
                let room = limit - part.bytes.len();
                part.exceeded = data.len() > room;
                part.bytes.extend_from_slice(&data[..data.len().min(room)]);
            }
            self.ready.push_back(frame);
            if part.exceeded {
                break;
            }
        }
        Ok(part)
    }
}

impl From<Incoming> for Body {
    fn from(rest: Incoming) -> Self {
        Self { ready: VecDeque::new(), rest: Some(rest), trailers: true, busy: None }
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        let ready = if text.is_empty() { VecDeque::new() } else { [Frame::data(Bytes::from(text))].into() };
        Self { ready, rest: None, trailers: false, busy: None }
    }
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let keeps = self.trailers;
        while let Some(frame) = self.ready.pop_front() {
            if keeps || frame.is_data() {
                return Poll::Ready(Some(Ok(frame)));
            }
        }
        let Some(rest) = &mut self.rest else {
            return Poll::Ready(None);
        };
        loop {
            match ready!(Pin::new(&mut *rest).poll_frame(context)) {
                Some(Ok(frame)) if !keeps && !frame.is_data() => {}
                frame => return Poll::Ready(frame),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ready.is_empty() && self.rest.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let here =
            self.ready.iter().filter_map(|frame| frame.data_ref()).map(|data| data.len() as u64).sum::<u64>();
        let rest = self.rest.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint);
        let mut hint = SizeHint::new();
        hint.set_lower(here + rest.lower());
        if let Some(upper) = rest.upper() {
            hint.set_upper(here + upper);
        }
        hint
    }
}
