//! A daemon that says what a test wants, on a socket of its own.

use super::DockerEngine;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

/// What the daemon answers.
#[derive(Debug, Clone)]
pub(super) enum Told {
    /// Status and JSON.
    Json(u16, String),
    /// The begin of a body that never comes to its end: the connection is closed.
    Cut(String),
    /// The begin of a body that goes on.
    Open(String),
    /// The connection becomes a stream on which nothing comes.
    Upgraded,
    /// Nothing at all.
    Silence,
}

impl Told {
    pub fn not_found() -> Self {
        Self::Json(404, r#"{"message": "no such thing"}"#.to_owned())
    }
}

/// A daemon.
pub(super) struct Daemon {
    folder: TempDir,
    asked: Arc<Mutex<Vec<String>>>,
    serving: tokio::task::JoinHandle<()>,
}

impl Daemon {
    /// Answers each request as `answer` says of its method and path.
    pub async fn start(answer: impl Fn(&str, &str) -> Told + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("socket")).unwrap();
        let (answer, asked) = (Arc::new(answer), Arc::new(Mutex::new(Vec::new())));
        let heard = Arc::clone(&asked);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, heard) = (Arc::clone(&answer), Arc::clone(&heard));
                tokio::spawn(async move { serve(stream, answer.as_ref(), &heard).await });
            }
        });
        Self { folder, asked, serving }
    }

    /// An engine that talks to it.
    pub async fn engine(&self) -> DockerEngine {
        let socket = self.folder.path().join("socket");
        DockerEngine::connect_to(socket.to_str().unwrap()).await.unwrap()
    }

    /// Methods and paths of all requests until now.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(
    mut stream: UnixStream,
    answer: &(dyn Fn(&str, &str) -> Told + Send + Sync),
    heard: &Mutex<Vec<String>>,
) {
    let mut bytes = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let whole = end + length.unwrap_or(0);
        while bytes.len() < whole {
            if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
        }
        bytes.drain(..whole);
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
        let told = if path.ends_with("/version") {
            Told::Json(200, r#"{"ApiVersion": "1.41", "Version": "20.10"}"#.to_owned())
        } else {
            heard.lock().unwrap().push(format!("{method} {path}"));
            answer(&method, &path)
        };
        let chunk = |text: &str| {
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{text}\r\n",
                text.len()
            )
        };
        let (text, go_on) = match &told {
            Told::Json(status, body) => (
                format!(
                    "HTTP/1.1 {status} Told\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                ),
                true,
            ),
            Told::Cut(body) => (chunk(body), false),
            Told::Open(body) => (chunk(body), true),
            Told::Upgraded => (
                "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: \
                 tcp\r\n\r\n"
                    .to_owned(),
                true,
            ),
            Told::Silence => (String::new(), true),
        };
        if stream.write_all(text.as_bytes()).await.is_err() || !go_on {
            return;
        }
    }
}
