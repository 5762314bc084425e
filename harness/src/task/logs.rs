//! Follows what containers write, into the history.

use super::shared::Shared;
use super::work::Work;
use crate::engine::Attached;
use crate::plan::WORLD;
use futures_util::StreamExt;
use proofhouse_protocol::observation::{LogStream, Pipeline};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;

/// How often a log that breaks is read again from its beginning.
const MOST_TRIES: usize = 5;
/// Between two of them.
const PAUSE: Duration = Duration::from_millis(100);
/// The rest of the logs is waited for that long once all containers have ended.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Records the log of a container from its beginning to its end, leaving out the first `seen` lines that a run before a
/// restart wrote; the number of lines there are. A log that breaks is read again, which loses nothing: the engine keeps it.
pub(super) async fn follow(shared: &Shared, container: &str, seen: usize) -> usize {
    let Some(id) = shared.id(container) else { return seen };
    let mut recorded = seen;
    let mut why = String::new();
    for _ in 0..MOST_TRIES {
        let mut lines = shared.engine.logs(&id, true);
        let mut count = 0;
        loop {
            match lines.next().await {
                Some(Ok(line)) => {
                    count += 1;
                    if count > recorded {
                        recorded = count;
                        shared.log(container, line.stream, line.line);
                    }
                }
                Some(Err(error)) => {
                    why = error.to_string();
                    break;
                }
                None => return recorded,
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
    shared.losses.lost(Pipeline::Logs { container: container.to_owned() }, 0, why);
    recorded
}

/// Waits for the ends of logs whose containers have ended.
pub(super) async fn last_words(shared: &Shared, mut logs: Work<()>) {
    let all = async {
        while let Some(log) = logs.next().await {
            if let Err(panicked) = log {
                shared.panicked(panicked);
            }
        }
    };
    if tokio::time::timeout(LAST_WORDS, all).await.is_err() {
        for container in logs.names() {
            let why = format!("its end did not come within {LAST_WORDS:?} of that of its container");
            shared.losses.lost(Pipeline::Logs { container }, 0, why);
        }
    }
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
