//! What is still to come of a body, by either library.

use super::http2::Arriving;
use bytes::Bytes;
use h2::{Reason, RecvStream};
use hyper::HeaderMap;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::header::CONTENT_LENGTH;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use thiserror::Error;

/// A body on its way.
#[derive(Debug)]
pub(super) enum Rest {
    /// Of HTTP/1.
    Http1(Incoming),
    /// Of HTTP/2.
    Http2(Stream),
}

/// One direction of a stream of HTTP/2.
#[derive(Debug)]
pub(super) struct Stream {
    frames: Arriving,
    /// What was announced and has not come.
    left: Option<u64>,
    /// An answer that is whole may be followed by a reset that is no error (RFC 9113, section 8.1).
    is_answer: bool,
}

/// Why a body does not come to its end.
#[derive(Debug, Error)]
pub(crate) enum Broken {
    /// Of HTTP/1.
    #[error(transparent)]
    Http1(#[from] hyper::Error),
    /// Of HTTP/2.
    #[error(transparent)]
    Http2(#[from] h2::Error),
}

impl From<Incoming> for Rest {
    fn from(rest: Incoming) -> Self {
        Self::Http1(rest)
    }
}

impl Rest {
    /// That of a request with these headers.
    pub(super) fn of_request(headers: &HeaderMap, frames: RecvStream) -> Self {
        Self::Http2(Stream { frames: Arriving::begin(frames), left: announced(headers), is_answer: false })
    }

    /// That of an answer with these headers.
    pub(super) fn of_answer(headers: &HeaderMap, frames: RecvStream) -> Self {
        Self::Http2(Stream { frames: Arriving::begin(frames), left: announced(headers), is_answer: true })
    }
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

impl Stream {
    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, h2::Error>>> {
        let failed = match ready!(self.frames.poll_frame(context)) {
            Some(Err(error)) => error,
            other => {
                let came = other.as_ref().and_then(|frame| frame.as_ref().ok()).and_then(Frame::data_ref);
                let came = came.map_or(0, |data| data.len() as u64);
                self.left = self.left.map(|left| left.saturating_sub(came));
                return Poll::Ready(other);
            }
        };
        if self.is_answer && failed.reason() == Some(Reason::NO_ERROR) {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(Err(failed)))
    }
}

impl HttpBody for Rest {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match self.get_mut() {
            Self::Http1(rest) => {
                Pin::new(rest).poll_frame(context).map(|frame| frame.map(|frame| frame.map_err(Broken::from)))
            }
            Self::Http2(stream) => {
                stream.poll_frame(context).map(|frame| frame.map(|frame| frame.map_err(Broken::from)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Http1(rest) => rest.is_end_stream(),
            Self::Http2(stream) => stream.frames.is_over(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Http1(rest) => rest.size_hint(),
            Self::Http2(stream) if stream.frames.is_over() => SizeHint::with_exact(0),
            Self::Http2(stream) => stream.left.map_or_else(SizeHint::default, SizeHint::with_exact),
        }
    }
}
