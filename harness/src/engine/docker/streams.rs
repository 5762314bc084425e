//! Attached streams, logs, events.

use super::DockerEngine;
use super::failure::Failure;
use crate::engine::stdio::{Frame, Lines, split};
use crate::engine::{Attached, ContainerId, EngineError, EngineEvent, Happening, LogLine, LogStream};
use bollard::container::LogOutput;
use bollard::models::EventMessage;
use bollard::query_parameters::{AttachContainerOptionsBuilder, EventsOptionsBuilder, LogsOptionsBuilder};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use std::collections::{HashMap, VecDeque};
use std::io;

/// Events are asked for from so long ago, in seconds. It covers the time until the daemon has taken the subscription
/// and any difference of clocks; the label filter keeps other tasks out.
const LOOK_BACK: i64 = 600;

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

    pub(super) fn event_stream(
        &self,
        labels: &[String],
    ) -> BoxStream<'static, Result<EngineEvent, EngineError>> {
        let filters = HashMap::from([
            ("type".to_owned(), vec!["container".to_owned()]),
            ("event".to_owned(), vec!["die".to_owned(), "oom".to_owned(), "destroy".to_owned()]),
            ("label".to_owned(), labels.to_vec()),
        ]);
        let since = jiff::Timestamp::now().as_second() - LOOK_BACK;
        let options = EventsOptionsBuilder::new().since(&since.to_string()).filters(&filters).build();
        let endpoint = self.endpoint.clone();
        self.docker
            .events(Some(options))
            .filter_map(move |message| {
                let failure = Failure { what: "following events", endpoint: &endpoint };
                let event = match message {
                    Ok(message) => event_of(&message).map(Ok),
                    Err(error) => Some(Err(failure.of(error))),
                };
                std::future::ready(event)
            })
            .boxed()
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

fn event_of(message: &EventMessage) -> Option<EngineEvent> {
    let actor = message.actor.as_ref()?;
    let happening = match message.action.as_deref()? {
        "die" => {
            let code = actor.attributes.as_ref()?.get("exitCode")?.parse().ok()?;
            Happening::Exited { code }
        }
        "oom" => Happening::OutOfMemory,
        "destroy" => Happening::Removed,
        _ => return None,
    };
    Some(EngineEvent { container: ContainerId(actor.id.clone()?), happening })
}
