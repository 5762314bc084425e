//! What the daemon tells of containers, across interruptions of its stream.

use super::DockerEngine;
use super::failure::Failure;
use crate::engine::{ContainerId, EngineError, EngineEvent, EngineNews, Happening};
use bollard::Docker;
use bollard::errors::Error;
use bollard::models::EventMessage;
use bollard::query_parameters::{AttachContainerOptionsBuilder, EventsOptionsBuilder};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// Events are asked for from so long ago, in seconds. It covers the time until the daemon has taken the subscription
/// and any difference of clocks; the label filter keeps other tasks out.
const LOOK_BACK: i64 = 600;
/// How often a broken stream is opened again before the engine is given up: half a minute with the pauses between.
const MOST_TRIES: u32 = 10;
/// The first pause; each is twice the one before, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// The daemon repeats what it has kept at once. When it says nothing for so long, it has kept nothing.
const REPETITION: Duration = Duration::from_secs(5);
/// Events told at the same nanosecond, and others that a repetition may hold, are known by that many of the last.
const REMEMBERED: usize = 64;

impl DockerEngine {
    pub(super) fn event_stream(&self, labels: &[String]) -> BoxStream<'static, EngineNews> {
        let following = Following {
            docker: self.docker.clone(),
            endpoint: self.endpoint.clone(),
            labels: labels.to_vec(),
            began: jiff::Timestamp::now().as_second() - LOOK_BACK,
            stream: None,
            told: VecDeque::new(),
            ready: VecDeque::new(),
            repetition: REPETITION,
        };
        futures_util::stream::unfold(following, Following::next).boxed()
    }

    /// An attachment to nothing: the daemon tells it and does no more, for a container that has ended too.
    pub(super) async fn mark_container(&self, id: &ContainerId) -> Result<(), EngineError> {
        let options = AttachContainerOptionsBuilder::new()
            .stream(false)
            .logs(false)
            .stdin(false)
            .stdout(false)
            .stderr(false)
            .build();
        let what = format!("marking the events of container {id}");
        self.within(&what, self.docker.attach_container(&id.0, Some(options))).await.map(drop)
    }
}

/// By what an event is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    nanosecond: i64,
    container: String,
    action: String,
}

/// A stream of events on its way, opened as often as it breaks.
struct Following {
    docker: Docker,
    endpoint: String,
    labels: Vec<String>,
    began: i64,
    stream: Option<BoxStream<'static, Result<EventMessage, Error>>>,
    /// The last that were told.
    told: VecDeque<Key>,
    ready: VecDeque<EngineNews>,
    repetition: Duration,
}

impl Following {
    async fn next(mut self) -> Option<(EngineNews, Self)> {
        loop {
            if let Some(news) = self.ready.pop_front() {
                return Some((news, self));
            }
            let Some(stream) = &mut self.stream else {
                self.stream = Some(self.open());
                continue;
            };
            match stream.next().await {
                Some(Ok(message)) => self.take(&message),
                Some(Err(error)) => {
                    let why = Failure { what: "following events", endpoint: &self.endpoint }.of(error);
                    self.reopen(why.to_string()).await?;
                }
                None => self.reopen("the engine ended the stream".to_owned()).await?,
            }
        }
    }

    fn open(&self) -> BoxStream<'static, Result<EventMessage, Error>> {
        let filters = HashMap::from([
            ("type".to_owned(), vec!["container".to_owned()]),
            ("event".to_owned(), ["die", "oom", "destroy", "attach"].map(str::to_owned).to_vec()),
            ("label".to_owned(), self.labels.clone()),
        ]);
        let since = match self.told.back() {
            None => self.began.to_string(),
            Some(last) => {
                format!("{}.{:09}", last.nanosecond / 1_000_000_000, last.nanosecond % 1_000_000_000)
            }
        };
        let options = EventsOptionsBuilder::new().since(&since).filters(&filters).build();
        self.docker.events(Some(options)).boxed()
    }

    /// Opens the stream again. The daemon repeats what it has kept since the last event, that one first: when it comes, the
    /// daemon has forgotten nothing behind it.
    async fn reopen(&mut self, why: String) -> Option<()> {
        let mut pause = FIRST_PAUSE;
        for _ in 0..MOST_TRIES {
            let mut stream = self.open();
            match tokio::time::timeout(self.repetition, stream.next()).await {
                Ok(Some(Ok(first))) => {
                    let whole = key(&first).is_some_and(|key| self.told.contains(&key));
                    self.stream = Some(stream);
                    self.ready.push_back(EngineNews::Reopened { why, whole });
                    self.take(&first);
                    return Some(());
                }
                Ok(Some(Err(_)) | None) => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(_) => {
                    self.stream = Some(stream);
                    self.ready.push_back(EngineNews::Reopened { why, whole: false });
                    return Some(());
                }
            }
        }
        None
    }

    fn take(&mut self, message: &EventMessage) {
        let (Some(key), Some(event)) = (key(message), event_of(message)) else { return };
        if self.told.contains(&key) {
            return;
        }
        self.told.push_back(key);
        if self.told.len() > REMEMBERED {
            self.told.pop_front();
        }
        self.ready.push_back(EngineNews::Happened(event));
    }
}

fn key(message: &EventMessage) -> Option<Key> {
    Some(Key {
        nanosecond: message.time_nano?,
        container: message.actor.as_ref()?.id.clone()?,
        action: message.action.clone()?,
    })
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
        "attach" => Happening::Marked,
        _ => return None,
    };
    Some(EngineEvent { container: ContainerId(actor.id.clone()?), happening })
}

#[cfg(test)]
mod tests {
    use super::super::stand_in::{Daemon, Told};
    use super::*;
    use crate::engine::Engine;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn line(nanosecond: i64, action: &str, code: &str) -> String {
        format!(
            r#"{{"Type":"container","Action":"{action}","Actor":{{"ID":"c","Attributes":{{"exitCode":"{code}"}}}},"timeNano":{nanosecond}}}"#
        ) + "\n"
    }

    /// What is told when each opening of the stream brings the next of `openings` and then breaks; the last stays open.
    async fn told(openings: Vec<Told>) -> (Vec<EngineNews>, Vec<String>) {
        let turn = AtomicUsize::new(0);
        let daemon = Daemon::start(move |_, path| {
            if !path.contains("/events") {
                return Told::not_found();
            }
            openings.get(turn.fetch_add(1, Ordering::Relaxed)).cloned().unwrap_or(Told::Silence)
        })
        .await;
        let engine = daemon.engine().await;
        let mut news = engine.events(&["l=1".to_owned()]);
        let mut all = Vec::new();
        loop {
            let one = news.next().await.expect("the stream goes on");
            let over = one == happened(Happening::Removed);
            all.push(one);
            if over {
                return (all, daemon.asked());
            }
        }
    }

    fn happened(happening: Happening) -> EngineNews {
        EngineNews::Happened(EngineEvent { container: ContainerId("c".to_owned()), happening })
    }

    #[tokio::test]
    async fn a_stream_that_breaks_goes_on_where_it_was_and_tells_nothing_twice() {
        let (died, marked, gone) = (
            line(1_000_000_005, "die", "3"),
            line(2_000_000_000, "attach", ""),
            line(3_000_000_000, "destroy", ""),
        );
        let (all, asked) = told(vec![
            Told::Cut(died.clone()),
            Told::Cut(died.clone() + &marked),
            Told::Open(marked.clone() + &gone),
        ])
        .await;
        let kinds: Vec<_> = all
            .iter()
            .map(|news| match news {
                EngineNews::Happened(event) => format!("{:?}", event.happening),
                EngineNews::Reopened { whole, .. } => format!("reopened, whole {whole}"),
            })
            .collect();
        assert_eq!(
            kinds,
            ["Exited { code: 3 }", "reopened, whole true", "Marked", "reopened, whole true", "Removed"]
        );
        assert!(asked.iter().any(|path| path.contains("since=1.000000005")), "{asked:?}");
    }

    #[tokio::test]
    async fn what_the_daemon_has_forgotten_is_said_to_be_missing() {
        let (all, _) = told(vec![
            Told::Cut(line(1_000_000_000, "die", "0")),
            Told::Open(line(9_000_000_000, "destroy", "")),
        ])
        .await;
        assert!(matches!(&all[1], EngineNews::Reopened { whole: false, .. }), "{all:?}");
    }
}
