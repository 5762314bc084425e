//! Attached streams, logs.

use super::DockerEngine;
use super::failure::Failure;
use crate::engine::stdio::{Frame, Lines, split};
use crate::engine::{Attached, ContainerId, EngineError, LogLine, LogStream};
use bollard::container::LogOutput;
use bollard::query_parameters::{AttachContainerOptionsBuilder, LogsOptionsBuilder};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use std::collections::VecDeque;
use std::io;

pub(super) fn frame_of(output: LogOutput) -> Frame {
    let stream = match output {
        LogOutput::StdErr { .. } => LogStream::Stderr,
        LogOutput::StdOut { .. } | LogOutput::StdIn { .. } | LogOutput::Console { .. } => LogStream::Stdout,
    };
    Frame { stream, bytes: output.into_bytes() }
}

impl DockerEngine {
    pub(super) async fn attach_container(&self, id: &ContainerId) -> Result<Attached, EngineError> {
        let options =
            AttachContainerOptionsBuilder::new().stream(true).stdin(true).stdout(true).stderr(true).build();
        let what = format!("attaching to container {id}");
        let attached = self.within(&what, self.docker.attach_container(&id.0, Some(options))).await?;
        let frames = attached.output.map(|frame| frame.map(frame_of).map_err(io::Error::other));
        let (stdout, stderr) = split(frames);
        Ok(Attached { stdout: Box::new(stdout), stdin: Box::new(attached.input), stderr })
    }

    pub(super) fn log_lines(
        &self,
        id: &ContainerId,
        follow: bool,
    ) -> BoxStream<'static, Result<LogLine, EngineError>> {
        let options = LogsOptionsBuilder::new().follow(follow).stdout(true).stderr(true).build();
        let what = format!("reading the log of container {id}");
        let endpoint = self.endpoint.clone();
        let frames = self.docker.logs(&id.0, Some(options)).map_ok(frame_of).boxed();
        let follow =
            Follow { frames, lines: Lines::default(), ready: VecDeque::new(), ended: false, what, endpoint };
        futures_util::stream::unfold(follow, Follow::next).boxed()
    }
}

/// A log on its way from frames to lines.
struct Follow {
    frames: BoxStream<'static, Result<Frame, bollard::errors::Error>>,
    lines: Lines,
    ready: VecDeque<LogLine>,
    ended: bool,
    what: String,
    endpoint: String,
}

impl Follow {
    async fn next(mut self) -> Option<(Result<LogLine, EngineError>, Self)> {
        loop {
            if let Some(line) = self.ready.pop_front() {
                return Some((Ok(line), self));
            }
            if self.ended {
                return None;
            }
            match self.frames.next().await {
                Some(Ok(frame)) => self.ready.extend(self.lines.push(frame)),
                Some(Err(error)) => {
                    self.ended = true;
                    let error = Failure { what: &self.what, endpoint: &self.endpoint }.of(error);
                    return Some((Err(error), self));
                }
                None => {
                    self.ended = true;
                    self.ready.extend(std::mem::take(&mut self.lines).finish());
                }
            }
        }
    }
}
