//! A stream that dies after a number of bytes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Passes bytes through, and resets when more than its budget would be written. Without a budget it never does.
#[derive(Debug)]
pub(crate) struct CutStream<IO> {
    inner: IO,
    left: Option<u64>,
}

impl<IO> CutStream<IO> {
    pub(crate) fn new(inner: IO, after: Option<u64>) -> Self {
        Self { inner, left: after }
    }
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "connection was cut by a declared fault")
}

impl<IO: AsyncRead + Unpin> AsyncRead for CutStream<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left == Some(0) {
            return Poll::Ready(Err(cut()));
        }
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for CutStream<IO> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let Some(left) = self.left else { return Pin::new(&mut self.inner).poll_write(cx, buf) };
        if left == 0 {
            return Poll::Ready(Err(cut()));
        }
        let length = buf.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let written = Pin::new(&mut self.inner).poll_write(cx, &buf[..length]);
        if let Poll::Ready(Ok(n)) = written {
            self.left = Some(left - n as u64);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn exactly_the_budget_gets_through() {
        let (near, mut far) = tokio::io::duplex(64);
        let mut stream = CutStream::new(near, Some(5));
        assert!(stream.write_all(b"0123456789").await.is_err());
        drop(stream);
        let mut got = Vec::new();
        far.read_to_end(&mut got).await.unwrap();
        assert_eq!(got, b"01234");
    }

    #[tokio::test]
    async fn without_a_budget_everything_does() {
        let (near, mut far) = tokio::io::duplex(64);
        let mut stream = CutStream::new(near, None);
        stream.write_all(b"0123456789").await.unwrap();
        drop(stream);
        let mut got = Vec::new();
        far.read_to_end(&mut got).await.unwrap();
        assert_eq!(got, b"0123456789");
    }
}
