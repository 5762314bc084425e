//! Reading a response, with its headers exactly as they came.

use bytes::{Buf, Bytes, BytesMut};
use proofhouse_protocol::observation::TlsSession;
use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};

const MOST_HEADERS: usize = 256;
const LONGEST_HEAD: usize = 256 * 1024;
const LONGEST_CHUNK_LINE: usize = 4096;

/// A response as far as it came.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) status: Option<u16>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: BytesMut,
    /// What was agreed on before it was asked for.
    pub(super) tls: Option<TlsSession>,
}

/// Where a body ends.
#[derive(Debug, PartialEq, Eq)]
enum Framing {
    Length(u64),
    Chunked,
    UntilTheEnd,
}

/// Reads responses from a connection, one after the other.
pub(super) struct Reader<S> {
    stream: S,
    buffer: BytesMut,
}

// ---------------------------------------------------------------------------------------------------------------------

impl<S: AsyncRead + Unpin> Reader<S> {
    pub(super) fn new(stream: S) -> Self {
        Reader { stream, buffer: BytesMut::new() }
    }

    /// The connection, to send on.
    pub(super) fn stream(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Reads the answer to a request of that method into `response`, which keeps what came when an error ends it.
    pub(super) async fn read(&mut self, method: &str, response: &mut Response) -> io::Result<()> {
        loop {
            let (status, headers) = self.head().await?;
            // Answers that announce another one.
            if (100..200).contains(&status) && status != 101 {
                continue;
            }
            let framing = framing(method, status, &headers);
            response.status = Some(status);
            response.headers = headers;
            return match framing? {
                Framing::Length(length) => self.exactly(length, &mut response.body).await,
                Framing::Chunked => self.chunks(&mut response.body).await,
                Framing::UntilTheEnd => self.rest(&mut response.body).await,
            };
        }
    }

    async fn head(&mut self) -> io::Result<(u16, Vec<(String, String)>)> {
        loop {
            let mut space = [httparse::EMPTY_HEADER; MOST_HEADERS];
            let mut head = httparse::Response::new(&mut space);
            let parsed = head
                .parse(&self.buffer)
                .map_err(|error| invalid(format!("the head of the answer: {error}")))?;
            if let httparse::Status::Complete(length) = parsed {
                let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
                let status = head.code.ok_or_else(|| invalid("an answer without a status".to_owned()))?;
                let headers =
                    head.headers.iter().map(|line| (line.name.to_owned(), text(line.value))).collect();
                self.buffer.advance(length);
                return Ok((status, headers));
            }
            if self.buffer.len() > LONGEST_HEAD {
                return Err(invalid(format!("the head of the answer is longer than {LONGEST_HEAD} bytes")));
            }
            if self.more().await? == 0 {
                let seen = self.buffer.len();
                return Err(ended(format!("the connection ended after {seen} bytes of the answer's head")));
            }
        }
    }

    async fn exactly(&mut self, length: u64, body: &mut BytesMut) -> io::Result<()> {
        let mut missing = length;
        loop {
            let here = missing.min(self.buffer.len() as u64) as usize;
            body.extend_from_slice(&self.buffer.split_to(here));
            missing -= here as u64;
            if missing == 0 {
                return Ok(());
            }
            if self.more().await? == 0 {
                return Err(ended(format!("the body ended after {} of {length} bytes", length - missing)));
            }
        }
    }

    async fn chunks(&mut self, body: &mut BytesMut) -> io::Result<()> {
        loop {
            let line = self.line().await?;
            let (_, length) = match httparse::parse_chunk_size(&line) {
                Ok(httparse::Status::Complete(found)) => found,
                _ => return Err(invalid(format!("a chunk's length: {:?}", String::from_utf8_lossy(&line)))),
            };
            if length == 0 {
                // Trailers, up to an empty line.
                while self.line().await?.as_ref() != b"\r\n" {}
                return Ok(());
            }
            self.exactly(length, body).await?;
            if self.line().await?.as_ref() != b"\r\n" {
                return Err(invalid("a chunk is longer than its length says".to_owned()));
            }
        }
    }

    async fn line(&mut self) -> io::Result<Bytes> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                return Ok(self.buffer.split_to(end + 1).freeze());
            }
            if self.buffer.len() > LONGEST_CHUNK_LINE {
                return Err(invalid(format!(
                    "a chunk's first line is longer than {LONGEST_CHUNK_LINE} bytes"
                )));
            }
            if self.more().await? == 0 {
                return Err(ended("the connection ended between the chunks of the body".to_owned()));
            }
        }
    }

    async fn rest(&mut self, body: &mut BytesMut) -> io::Result<()> {
        loop {
            body.extend_from_slice(&self.buffer.split());
            if self.more().await? == 0 {
                return Ok(());
            }
        }
    }

    async fn more(&mut self) -> io::Result<usize> {
        self.buffer.reserve(16 * 1024);
        self.stream.read_buf(&mut self.buffer).await
    }
}

fn framing(method: &str, status: u16, headers: &[(String, String)]) -> io::Result<Framing> {
    let last = |wanted: &str| {
        headers
            .iter()
            .rev()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.trim())
    };
    if method == "HEAD" || status == 204 || status == 304 {
        return Ok(Framing::Length(0));
    }
    if let Some(encodings) = last("transfer-encoding") {
        let chunked =
            encodings.rsplit(',').next().is_some_and(|last| last.trim().eq_ignore_ascii_case("chunked"));
        return Ok(if chunked { Framing::Chunked } else { Framing::UntilTheEnd });
    }
    match last("content-length") {
        Some(length) => {
            length.parse().map(Framing::Length).map_err(|_| invalid(format!("Content-Length {length:?}")))
        }
        None => Ok(Framing::UntilTheEnd),
    }
}

fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("no HTTP/1.1: {what}"))
}

fn ended(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    async fn read(method: &str, bytes: &[u8]) -> (Response, io::Result<()>) {
        let mut response = Response::default();
        let result = Reader::new(bytes).read(method, &mut response).await;
        (response, result)
    }

    #[tokio::test]
    async fn headers_keep_order_case_and_repetition() {
        let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nB: 1\r\na: 2\r\nb: 3\r\nContent-Length: 2\r\n\r\nhiNEXT";
        let (response, result) = read("GET", bytes).await;
        result.unwrap();
        assert_eq!(response.status, Some(200));
        let names: Vec<_> = response.headers.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(names, ["B=1", "a=2", "b=3", "Content-Length=2"]);
        assert_eq!(response.body.as_ref(), b"hi");
    }

    #[tokio::test]
    async fn each_way_to_end_a_body_is_known() {
        let head = "HTTP/1.1 200 OK\r\n";
        let chunked = format!(
            "{head}transfer-encoding: gzip, Chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n"
        );
        assert_eq!(read("GET", chunked.as_bytes()).await.0.body.as_ref(), b"abcde");
        let open = format!("{head}\r\nall of it");
        assert_eq!(read("GET", open.as_bytes()).await.0.body.as_ref(), b"all of it");
        let none = format!("{head}Content-Length: 9\r\n\r\n");
        assert_eq!(read("HEAD", none.as_bytes()).await.0.body.as_ref(), b"");
    }

    #[tokio::test]
    async fn what_breaks_off_keeps_what_came_and_says_where() {
        let (response, result) = read("GET", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").await;
        assert_eq!(response.body.as_ref(), b"abc");
        assert_eq!(result.unwrap_err().to_string(), "the body ended after 3 of 9 bytes");
        let (response, result) = read("GET", b"HTTP/1.1 20").await;
        assert_eq!(response.status, None);
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        let (_, result) = read("GET", b"SSH-2.0-OpenSSH_9.2\r\n").await;
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_body_back(chunks in proptest::collection::vec(
            proptest::collection::vec(any::<u8>(), 1..50), 0..8,
        )) {
            let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
            for chunk in &chunks {
                bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
                bytes.extend(chunk);
                bytes.extend(b"\r\n");
            }
            bytes.extend(b"0\r\n\r\n");
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let (response, result) = runtime.block_on(read("GET", &bytes));
            result.unwrap();
            prop_assert_eq!(response.body.to_vec(), chunks.concat());
        }

        #[test]
        fn any_bytes_are_an_answer_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let mut answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
            answer.extend(&bytes);
            let _ = runtime.block_on(read("GET", &answer));
            let _ = runtime.block_on(read("GET", &bytes));
        }
    }
}
