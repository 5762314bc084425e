//! A process between the harness and Docker that can take words from Docker's mouth, and break its stream of events.

use proofhouse_harness::engine::{DockerEngine, Engine};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

/// Between the harness and Docker.
pub struct Between {
    folder: TempDir,
    cuts: watch::Sender<u32>,
}

impl Between {
    /// Everything passes, but each of `words` becomes another of the same length.
    pub async fn start(words: &'static [(&'static str, &'static str)]) -> Self {
        assert!(words.iter().all(|(one, other)| one.len() == other.len()), "lengths stand in heads");
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("socket")).unwrap();
        let (cuts, cut) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((harness, _)) = listener.accept().await {
                tokio::spawn(carry(harness, words, cut.clone()));
            }
        });
        Self { folder, cuts }
    }

    /// Docker behind it.
    pub async fn engine(&self) -> Arc<dyn Engine> {
        let socket = self.folder.path().join("socket");
        Arc::new(DockerEngine::connect_to(socket.to_str().unwrap()).await.unwrap())
    }

    /// Breaks every stream of events that there is.
    pub fn cut_events(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

fn docker() -> String {
    let host = std::env::var("DOCKER_HOST").unwrap_or_default();
    host.strip_prefix("unix://").unwrap_or("/var/run/docker.sock").to_owned()
}

async fn carry(harness: UnixStream, words: &[(&str, &str)], mut cut: watch::Receiver<u32>) {
    let (mut from_harness, mut to_harness) = harness.into_split();
    let (mut from_docker, mut to_docker) = UnixStream::connect(docker()).await.unwrap().into_split();
    let tells_events = AtomicBool::new(false);
    let up = async {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from_harness.read(&mut bytes).await {
            if String::from_utf8_lossy(&bytes[..length]).contains("/events?") {
                tells_events.store(true, Ordering::Relaxed);
            }
            if to_docker.write_all(&bytes[..length]).await.is_err() {
                return;
            }
        }
        // The end of what the harness writes is not the end of what it reads.
        drop(to_docker.shutdown().await);
        std::future::pending().await
    };
    let down = async {
        let mut bytes = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from_docker.read(&mut bytes).await {
            let mut part = bytes[..length].to_vec();
            for (one, other) in words {
                while let Some(at) = part.windows(one.len()).position(|window| window == one.as_bytes()) {
                    part[at..at + one.len()].copy_from_slice(other.as_bytes());
                }
            }
            if to_harness.write_all(&part).await.is_err() {
                return;
            }
        }
    };
    let end = async {
        while cut.changed().await.is_ok() {
            if tells_events.load(Ordering::Relaxed) {
                return;
            }
        }
    };
    tokio::select! {
        () = up => {}
        () = down => {}
        () = end => {}
    }
}
