//! The body of a request: read to its end, counted and digested, not kept.

use super::head::{Framing, Head, HttpError, LONGEST_HEAD};
use sha2::{Digest, Sha256};
use std::io::{self, Read};

/// Bytes that have been read but do not belong to what was asked for yet.
pub(super) struct Incoming<R> {
    stream: R,
    buffer: Vec<u8>,
}

/// What is known of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Body {
    /// Length in bytes, without the framing of chunks.
    pub(super) length: u64,
    /// SHA-256, in hexadecimal digits.
    pub(super) sha256: String,
}

impl<R: Read> Incoming<R> {
    pub(super) fn new(stream: R) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// The next head, `None` when the client is done.
    pub(super) fn head(&mut self) -> Result<Option<Head>, HttpError> {
        loop {
            if let Some((head, length)) = Head::parse(&self.buffer)? {
                self.buffer.drain(..length);
                return Ok(Some(head));
            }
            if self.buffer.len() > LONGEST_HEAD {
                return Err(HttpError::TooLong);
            }
            if !self.more()? {
                return if self.buffer.is_empty() { Ok(None) } else { Err(ended()) };
            }
        }
    }

    /// The next bytes, whatever they are.
    pub(super) fn exactly(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.buffer.len() < length {
            if !self.more().map_err(io::Error::other)? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.buffer.drain(..length).collect())
    }

    /// Whether something of the body has already arrived.
    pub(super) fn has_more(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Reads a body to its end.
    pub(super) fn body(&mut self, framing: Framing) -> Result<Body, HttpError> {
        let mut digest = Sha256::new();
        let length = match framing {
            Framing::Length(length) => {
                self.take(length, &mut digest)?;
                length
            }
            Framing::Chunked => self.chunks(&mut digest)?,
        };
        let sha256 = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Body { length, sha256 })
    }

    fn chunks(&mut self, digest: &mut Sha256) -> Result<u64, HttpError> {
        let mut total = 0;
        loop {
            let length = self.chunk_length()?;
            if length == 0 {
                self.trailers()?;
                return Ok(total);
            }
            self.take(length, digest)?;
            if self.line()? != b"" {
                return Err(HttpError::Malformed("chunk is longer than its length".to_owned()));
            }
            total += length;
        }
    }

    fn chunk_length(&mut self) -> Result<u64, HttpError> {
        loop {
            match httparse::parse_chunk_size(&self.buffer) {
                Ok(httparse::Status::Complete((consumed, length))) => {
                    self.buffer.drain(..consumed);
                    return Ok(length);
                }
                Ok(httparse::Status::Partial) if self.buffer.len() <= LONGEST_HEAD => self.need_more()?,
                Ok(httparse::Status::Partial) => return Err(HttpError::TooLong),
                Err(error) => return Err(HttpError::Malformed(error.to_string())),
            }
        }
    }

    /// The lines behind the last chunk, up to the empty one.
    fn trailers(&mut self) -> Result<(), HttpError> {
        let mut length = 0;
        loop {
            let line = self.line()?;
            length += line.len();
            if line.is_empty() {
                return Ok(());
            }
            if length > LONGEST_HEAD {
                return Err(HttpError::TooLong);
            }
        }
    }

    /// A line without its end.
    fn line(&mut self) -> Result<Vec<u8>, HttpError> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\r\n") {
                let line = self.buffer.drain(..end + 2).take(end).collect();
                return Ok(line);
            }
            if self.buffer.len() > LONGEST_HEAD {
                return Err(HttpError::TooLong);
            }
            self.need_more()?;
        }
    }

    fn take(&mut self, length: u64, digest: &mut Sha256) -> Result<(), HttpError> {
        let mut left = length;
        while left > 0 {
            if self.buffer.is_empty() {
                self.need_more()?;
            }
            let now = usize::try_from(left).unwrap_or(usize::MAX).min(self.buffer.len());
            digest.update(&self.buffer[..now]);
            self.buffer.drain(..now);
            left -= now as u64;
        }
        Ok(())
    }

    fn need_more(&mut self) -> Result<(), HttpError> {
        if self.more()? { Ok(()) } else { Err(ended()) }
    }

    /// Reads once; false at the end of the stream.
    fn more(&mut self) -> Result<bool, HttpError> {
        let mut chunk = [0; 16 * 1024];
        loop {
            match self.stream.read(&mut chunk) {
                Ok(length) => {
                    self.buffer.extend_from_slice(&chunk[..length]);
                    return Ok(length > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn ended() -> HttpError {
    HttpError::Connection(io::ErrorKind::UnexpectedEof.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A stream that gives its bytes in pieces of a given size.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let size = self.1.min(buffer.len());
            self.0.read(&mut buffer[..size])
        }
    }

    fn sha256(bytes: &[u8]) -> String {
        Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn a_chunk_that_does_not_end_where_it_should_is_malformed() {
        let mut incoming = Incoming::new(&b"3\r\nabcd\r\n0\r\n\r\n"[..]);
        assert!(matches!(incoming.body(Framing::Chunked), Err(HttpError::Malformed(_))));
    }

    #[test]
    fn a_body_that_stops_early_is_the_end_of_the_connection() {
        let mut incoming = Incoming::new(&b"abc"[..]);
        assert!(matches!(incoming.body(Framing::Length(4)), Err(HttpError::Connection(_))));
    }

    #[test]
    fn trailers_belong_to_the_body() {
        let mut incoming = Incoming::new(&b"1;x=y\r\na\r\n0\r\nT: v\r\n\r\nGET / HTTP/1.1\r\n\r\n"[..]);
        assert_eq!(incoming.body(Framing::Chunked).unwrap(), Body { length: 1, sha256: sha256(b"a") });
        assert_eq!(incoming.head().unwrap().unwrap().method, "GET");
    }

    proptest! {
        #[test]
        fn requests_in_pipeline_are_told_apart_however_they_arrive(
            bodies in proptest::collection::vec((any::<Vec<u8>>(), any::<bool>(), 1_usize..9), 1..5),
            piece in 1_usize..64,
        ) {
            let mut bytes = Vec::new();
            for (body, chunked, size) in &bodies {
                if *chunked {
                    bytes.extend_from_slice(b"POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
                    for chunk in body.chunks(*size) {
                        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                        bytes.extend_from_slice(chunk);
                        bytes.extend_from_slice(b"\r\n");
                    }
                    bytes.extend_from_slice(b"0\r\n\r\n");
                } else {
                    bytes.extend_from_slice(format!("POST /l HTTP/1.1\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes());
                    bytes.extend_from_slice(body);
                }
            }
            let mut incoming = Incoming::new(Pieces(&bytes, piece));
            for (body, _, _) in &bodies {
                let head = incoming.head().unwrap().unwrap();
                let read = incoming.body(head.framing).unwrap();
                prop_assert_eq!(read, Body { length: body.len() as u64, sha256: sha256(body) });
            }
            prop_assert!(incoming.head().unwrap().is_none());
        }

        #[test]
        fn no_bytes_make_the_reader_of_chunks_panic(bytes: Vec<u8>) {
            let _ = Incoming::new(&bytes[..]).body(Framing::Chunked);
        }
    }
}
