//! One request on a connection of its own, and what the firewall made of it.

use regex::bytes::Regex;
use serde::{Deserialize, Serialize};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Most of an answer that is read.
const LONGEST: usize = 256 * 1024;

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// Status; absent where no answer came.
    pub status: Option<u16>,
    /// The `X-Prisma-Event-Id` header.
    pub event_id: Option<String>,
    /// The answer as read, head and body.
    pub bytes: Vec<u8>,
    /// Whether the connection was reset.
    pub reset: bool,
}

/// What the firewall made of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It refused it.
    Blocked,
    /// The application answered.
    Passed,
    /// No answer, or one that says neither.
    Unresolved,
}

/// How a refusal is known.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Statuses of a refusal.
    pub statuses: Vec<u16>,
    /// What stands in the answer of one.
    pub text: Option<Regex>,
    /// Whether a reset is one.
    pub reset: bool,
}

impl Rules {
    /// What that answer means. A failure of a server (500 and above) that is no refusal says nothing of the firewall.
    #[must_use]
    pub fn outcome(&self, answer: &Answer) -> Outcome {
        let told = self.text.as_ref().is_some_and(|text| text.is_match(&answer.bytes));
        match answer.status {
            Some(status) if self.statuses.contains(&status) || told => Outcome::Blocked,
            Some(200..=499) => Outcome::Passed,
            None if answer.reset && self.reset => Outcome::Blocked,
            _ => Outcome::Unresolved,
        }
    }
}

/// Sends a request as it is, and reads until the answer or the time is over. An answer that comes is never an error.
pub async fn send(address: SocketAddr, request: &[u8], limit: Duration) -> Answer {
    let mut answer = Answer::default();
    let done = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (mut reader, mut writer) = stream.split();
        // A firewall may answer and close before it has read all: what it says is read all the same.
        let write = async {
            let _refused = writer.write_all(request).await;
            std::future::pending::<std::io::Result<()>>().await
        };
        let read = async {
            let mut buffer = vec![0; 16 * 1024];
            while !complete(&answer.bytes) && answer.bytes.len() < LONGEST {
                match reader.read(&mut buffer).await? {
                    0 => break,
                    length => answer.bytes.extend_from_slice(&buffer[..length]),
                }
            }
            Ok(())
        };
        tokio::select! { done = read => done, never = write => never }
    };
    let ended: Result<std::io::Result<()>, _> = tokio::time::timeout(limit, done).await;
    answer.reset = matches!(&ended, Ok(Err(error)) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe));
    if let Some((status, event_id, _)) = head(&answer.bytes) {
        answer.status = Some(status);
        answer.event_id = event_id;
    }
    answer
}

/// Status, event id, and where the body starts.
fn head(bytes: &[u8]) -> Option<(u16, Option<String>, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 256];
    let mut response = httparse::Response::new(&mut headers);
    let Ok(httparse::Status::Complete(end)) = response.parse(bytes) else { return None };
    let status = response.code?;
    let id = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("x-prisma-event-id"));
    Some((status, id.map(|header| String::from_utf8_lossy(header.value).into_owned()), end))
}

/// Whether all of an answer with a length is there; others end with the connection.
fn complete(bytes: &[u8]) -> bool {
    let mut headers = [httparse::EMPTY_HEADER; 256];
    let mut response = httparse::Response::new(&mut headers);
    let Ok(httparse::Status::Complete(end)) = response.parse(bytes) else { return false };
    let length = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
    let length =
        length.and_then(|header| std::str::from_utf8(header.value).ok()?.trim().parse::<usize>().ok());
    length.is_some_and(|length| bytes.len() - end >= length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    async fn answer_of(text: &'static [u8]) -> Answer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4];
            stream.read_exact(&mut request).await.unwrap();
            stream.write_all(text).await.unwrap();
            tokio::time::sleep(Duration::from_secs(if text.is_empty() { 0 } else { 60 })).await;
        });
        send(address, b"GET ", Duration::from_secs(5)).await
    }

    #[tokio::test]
    async fn an_answer_with_a_length_is_not_waited_for_longer() {
        let answer =
            answer_of(b"HTTP/1.1 403 No\r\nX-Prisma-Event-ID: e1\r\nContent-Length: 2\r\n\r\nno").await;
        assert_eq!((answer.status, answer.event_id.as_deref()), (Some(403), Some("e1")));
        assert!(answer.bytes.ends_with(b"no"));
        assert_eq!(answer_of(b"").await.status, None);
    }

    #[test]
    fn what_an_answer_means() {
        let rules =
            Rules { statuses: vec![403], text: Some(Regex::new("(?i)rejected").unwrap()), reset: true };
        let outcome = |status, text: &str, reset| {
            rules.outcome(&Answer { status, bytes: text.into(), reset, event_id: None })
        };
        assert_eq!(outcome(Some(403), "", false), Outcome::Blocked);
        assert_eq!(outcome(Some(200), "it was Rejected", false), Outcome::Blocked);
        assert_eq!(outcome(Some(404), "", false), Outcome::Passed);
        assert_eq!(outcome(Some(502), "", false), Outcome::Unresolved);
        assert_eq!(outcome(None, "", true), Outcome::Blocked);
        assert_eq!(outcome(None, "", false), Outcome::Unresolved);
        let strict = Rules { reset: false, ..rules };
        assert_eq!(strict.outcome(&Answer { reset: true, ..Answer::default() }), Outcome::Unresolved);
    }
}
