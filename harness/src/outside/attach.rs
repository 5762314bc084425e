//! The output of an attached container as one stream of bytes.

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::io;
use tokio::io::AsyncRead;
use tokio_util::io::StreamReader;

/// Turns the messages of an attached container into what [`super::RelayOutside::connect`] reads.
///
/// `standard_output` gives the bytes of a message that came from standard output, and nothing for one that did not (it
/// may keep those: the agent says on standard error why it ends).
pub fn attached_output<M, E>(
    messages: impl Stream<Item = Result<M, E>> + Send + Unpin,
    mut standard_output: impl FnMut(M) -> Option<Bytes> + Send + Unpin,
) -> impl AsyncRead + Send + Unpin
where
    M: Send,
    E: std::error::Error + Send + Sync + 'static,
{
    StreamReader::new(messages.filter_map(move |message| {
        std::future::ready(match message {
            Ok(message) => standard_output(message).map(Ok),
            Err(error) => Some(Err(io::Error::other(error))),
        })
    }))
}
