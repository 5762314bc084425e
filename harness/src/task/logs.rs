//! Follows what containers write, into the history.

use super::shared::Shared;
use crate::engine::Attached;
use crate::plan::WORLD;
use futures_util::StreamExt;
use proofhouse_protocol::observation::LogStream;
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedReceiver;

/// Records the log of a container from its beginning to its end, leaving out the first `seen` lines that a run before a
/// restart wrote; the number of lines there are.
pub(super) async fn follow(shared: Arc<Shared>, container: String, seen: usize) -> usize {
    let Some(id) = shared.id(&container) else { return seen };
    let mut lines = shared.engine.logs(&id, true);
    let mut count = 0;
    while let Some(line) = lines.next().await {
        match line {
            Ok(line) => {
                count += 1;
                if count > seen {
                    shared.log(&container, line.stream, line.line);
                }
            }
            Err(error) => {
                tracing::warn!(%container, %error, "the log is not complete");
                break;
            }
        }
    }
    count.max(seen)
}

/// Takes standard error off an attached world container, so that its last words are kept.
pub(super) fn keep_last_words(shared: &Arc<Shared>, attached: &mut Attached) {
    let (_, nothing) = tokio::sync::mpsc::unbounded_channel();
    let mut errors: UnboundedReceiver<String> = std::mem::replace(&mut attached.stderr, nothing);
    let shared = Arc::clone(shared);
    tokio::spawn(async move {
        while let Some(line) = errors.recv().await {
            shared.log(WORLD, LogStream::Stderr, line);
        }
    });
}
