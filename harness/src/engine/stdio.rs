//! Splits an attached stream of frames into standard output, which is read as bytes, and lines of standard error.

use super::{LogLine, LogStream};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use std::io;
use tokio::io::AsyncRead;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio_util::io::StreamReader;

/// Bytes written to one of the two streams.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub stream: LogStream,
    pub bytes: Bytes,
}

/// Standard output as a reader, standard error as lines. Error lines flow while standard output is read.
pub(super) fn split<S>(frames: S) -> (impl AsyncRead + Send + Unpin, UnboundedReceiver<String>)
where
    S: Stream<Item = io::Result<Frame>> + Send + Unpin + 'static,
{
    let (lines, errors) = unbounded_channel();
    let mut cut = Lines::default();
    let stdout = frames.filter_map(move |frame| {
        let kept = match frame {
            Ok(Frame { stream: LogStream::Stdout, bytes }) => Some(Ok(bytes)),
            Ok(frame) => {
                for line in cut.push(frame) {
                    // Nobody may want them; then they are lost, which is what nobody wants.
                    let _ = lines.send(line.line);
                }
                None
            }
            Err(error) => Some(Err(error)),
        };
        std::future::ready(kept)
    });
    (StreamReader::new(Box::pin(stdout)), errors)
}

/// Cuts frames into lines. A line may come in many frames, and a frame may hold many lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// A line longer than this is cut, so that a container cannot fill the harness's memory.
const LONGEST: usize = 64 * 1024;

impl Lines {
    /// Lines that a frame completes.
    pub fn push(&mut self, frame: Frame) -> Vec<LogLine> {
        let rest = match frame.stream {
            LogStream::Stdout => &mut self.stdout,
            LogStream::Stderr => &mut self.stderr,
        };
        let mut lines = Vec::new();
        for part in frame.bytes.split_inclusive(|&byte| byte == b'\n') {
            rest.extend_from_slice(part);
            if rest.ends_with(b"\n") {
                rest.pop();
                lines.push(line(frame.stream, rest));
            } else if rest.len() >= LONGEST {
                lines.push(line(frame.stream, rest));
            }
        }
        lines
    }

    /// What is left without a newline.
    pub fn finish(mut self) -> Vec<LogLine> {
        let mut lines = Vec::new();
        for (stream, rest) in [(LogStream::Stdout, &mut self.stdout), (LogStream::Stderr, &mut self.stderr)] {
            if !rest.is_empty() {
                lines.push(line(stream, rest));
            }
        }
        lines
    }
}

fn line(stream: LogStream, bytes: &mut Vec<u8>) -> LogLine {
    let line = String::from_utf8_lossy(bytes).into_owned();
    bytes.clear();
    LogLine { stream, line }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tokio::io::AsyncReadExt;

    fn frame(stream: LogStream, bytes: &[u8]) -> Frame {
        Frame { stream, bytes: Bytes::copy_from_slice(bytes) }
    }

    #[tokio::test]
    async fn standard_output_is_bytes_and_standard_error_is_lines() {
        let frames = [
            Ok(frame(LogStream::Stdout, b"\x00\x01")),
            Ok(frame(LogStream::Stderr, b"one\ntw")),
            Ok(frame(LogStream::Stdout, b"\n\x02")),
            Ok(frame(LogStream::Stderr, b"o\n")),
        ];
        let (mut stdout, mut stderr) = split(futures_util::stream::iter(frames));
        let mut bytes = Vec::new();
        stdout.read_to_end(&mut bytes).await.unwrap();
        assert_eq!(bytes, b"\x00\x01\n\x02");
        assert_eq!(
            (stderr.recv().await, stderr.recv().await),
            (Some("one".to_owned()), Some("two".to_owned()))
        );
    }

    proptest! {
        #[test]
        fn lines_do_not_depend_on_frames(text in "[a\\n]{0,200}", cuts in prop::collection::vec(1usize..9, 1..40)) {
            let mut lines = Lines::default();
            let mut got = Vec::new();
            let (mut rest, mut turn) = (text.as_bytes(), 0);
            while !rest.is_empty() {
                let (head, tail) = rest.split_at(cuts[turn % cuts.len()].min(rest.len()));
                got.extend(lines.push(frame(LogStream::Stdout, head)));
                (rest, turn) = (tail, turn + 1);
            }
            got.extend(lines.finish());
            let got: Vec<_> = got.into_iter().map(|line| line.line).collect();
            prop_assert_eq!(got, text.lines().map(str::to_owned).collect::<Vec<_>>());
        }
    }
}
