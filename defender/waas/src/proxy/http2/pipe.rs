//! A body on its way out.

use super::super::Body;
use bytes::Bytes;
use h2::SendStream;
use http_body_util::BodyExt as _;
use hyper::HeaderMap;
use hyper::body::Body as _;
use hyper::header::{CONTENT_LENGTH, HeaderValue};
use std::future::poll_fn;
use std::task::Poll;

/// Says how long a body is, where that is known and not said.
pub(super) fn announce(headers: &mut HeaderMap, body: &Body) {
    if let Some(length) = body.size_hint().exact().filter(|_| !headers.contains_key(CONTENT_LENGTH)) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
}

/// Sends a body as fast as the other side takes it, until it ends, breaks off, or is not wanted any more.
pub(super) async fn pipe(mut body: Body, mut stream: SendStream<Bytes>) {
    loop {
        let next = tokio::select! {
            biased;
            _ = poll_fn(|context| stream.poll_reset(context)) => return,
            next = body.frame() => next,
        };
        // Where the stream is gone there is nobody to tell.
        match next {
            None => {
                let _ = stream.send_data(Bytes::new(), true);
                return;
            }
            Some(Err(error)) => return stream.send_reset(error.reason()),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(data) => {
                    let last = body.is_end_stream();
                    if !send(&mut stream, data, last).await || last {
                        return;
                    }
                }
                Err(frame) => {
                    if let Ok(trailers) = frame.into_trailers() {
                        let _ = stream.send_trailers(trailers);
                        return;
                    }
                }
            },
        }
    }
}

/// Sends some bytes; whether more is wanted.
async fn send(stream: &mut SendStream<Bytes>, mut data: Bytes, last: bool) -> bool {
    if data.is_empty() && last {
        return stream.send_data(data, true).is_ok();
    }
    while !data.is_empty() {
        stream.reserve_capacity(data.len());
        let room = poll_fn(|context| {
            if stream.poll_reset(context).is_ready() {
                return Poll::Ready(None);
            }
            stream.poll_capacity(context)
        });
        let Some(Ok(room)) = room.await else { return false };
        let piece = data.split_to(room.min(data.len()));
        if !piece.is_empty() && stream.send_data(piece, last && data.is_empty()).is_err() {
            return false;
        }
    }
    true
}
