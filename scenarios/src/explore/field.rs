//! A task that is there to be tried in.

use super::requests::visited;
use super::task::{CONTAINERS, definition, images, internet};
use crate::rig::{POLICY_LIMIT, READY_LIMIT, Rig, RigError, chain};
use crate::watch::Watch;
use futures_util::{StreamExt as _, stream};
use proofhouse_console::Fault;
use proofhouse_console::faults::LinkFault;
use proofhouse_generators::{Batch, Link, Trial, What, links, open, preparation};
use proofhouse_model::requests::Meanings;
use proofhouse_protocol::actor::{End, QuerySocket, Reply, Request, Spawn};
use proofhouse_protocol::observation::{Observation, Pipeline};
use proofhouse_protocol::{
    Collection, Recorder as _, Recording, RuntimePolicy, Semantics, Source, WaasPolicy,
};
use proofhouse_reports::checks::{AsModelled, Tried, Visit};
use serde_json::json;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

const RUNTIME: &str = "/policies/runtime/app-embedded";

/// How long a fence may take; far more than it needs, because a busy machine must not make a verdict.
pub(super) const FENCE_LIMIT: Duration = Duration::from_secs(30);

/// How long an actor may take, as its caller has it.
const ACT_LIMIT: Duration = Duration::from_secs(60);

/// How long the Console may take to notice that a link has ended.
const CLOSED_LIMIT: Duration = Duration::from_secs(5);

/// Milliseconds of a fence's own question.
const QUERY_LIMIT_MS: u64 = 10_000;

/// Collections that the Console has for this process; each policy's are its own.
pub(super) static COLLECTIONS: AtomicU64 = AtomicU64::new(1);

/// What is tried, and where.
fn shown(trial: &Trial) -> String {
    format!("\"{}\" {}", trial.container, trial.shown())
}

/// A protected task, with the files in its containers by which programs are tried.
pub struct Field<'a> {
    pub(super) rig: &'a mut Rig,
    pub(super) watch: Arc<Watch>,
    resolver: IpAddr,
    tried: Vec<Tried>,
    visits: Vec<Visit>,
    meanings: Meanings,
    /// The runtime policy that the Console was given last.
    runtime: Mutex<RuntimePolicy>,
    /// Whether something was waited for in vain, so that nothing more can be tried.
    stuck: AtomicBool,
}

/// A runtime policy that lets everything through.
fn nothing() -> RuntimePolicy {
    RuntimePolicy { id: "appEmbeddedRuntime".to_owned(), ..RuntimePolicy::default() }
}

impl<'a> Field<'a> {
    /// Starts the task.
    ///
    /// # Errors
    /// When it does not run, or cannot be prepared.
    pub async fn enter(rig: &'a mut Rig, watch: &Arc<Watch>, token: &str) -> Result<Self, RigError> {
        put(rig, &nothing()).await?;
        let embedded = rig.embed(&definition()).await?;
        let start = Observation::Stimulus { what: "the task starts".to_owned() };
        watch.record(Recording { source: Source::Runner, token: Some(token.to_owned()), observation: start });
        rig.start(&embedded, &internet(), Some(token)).await?.ready(&[], READY_LIMIT).await?;
        rig.policy_in_force(POLICY_LIMIT).await?;
        let resolver = IpAddr::V4(rig.task()?.surroundings().network().resolver);
        let field = Self {
            rig,
            watch: Arc::clone(watch),
            resolver,
            tried: Vec::new(),
            visits: Vec::new(),
            meanings: Meanings::new(),
            runtime: Mutex::new(nothing()),
            stuck: AtomicBool::new(false),
        };
        for container in CONTAINERS {
            field.prepare(container, token).await?;
        }
        field.prepare_answers(token).await?;
        Ok(field)
    }

    async fn prepare(&self, container: &str, token: &str) -> Result<(), RigError> {
        let request = Request::Run {
            argv: ["/bin/sh", "-c", &preparation()].map(str::to_owned).to_vec(),
            env: BTreeMap::new(),
            cwd: None,
            stdin: String::new(),
            spawn: Spawn::Fork,
            timeout_ms: 40_000,
        };
        match self.rig.task()?.act(container, &request, Some(token)).await? {
            Reply::Ran { end: End::Exited { code: 0 }, .. } => Ok(()),
            other => Err(RigError::Actor {
                container: container.to_owned(),
                why: format!("its files could not be made: {other:?}"),
            }),
        }
    }

    /// Tries what a batch has, under its policy. Where the policy does not come into force, or a container does not answer, it is in the records,
    /// and nothing more is tried.
    ///
    /// # Errors
    /// When the Console does not answer, or refuses the policy.
    pub async fn carry_out(&mut self, batch: &Batch) -> Result<(), RigError> {
        if self.stuck.load(Ordering::Relaxed) {
            return Ok(());
        }
        if batch.amid {
            let (policy, trials) =
                tokio::join!(self.decide_by(&batch.policy, batch.firewall.as_ref()), self.try_all(batch));
            policy.and(trials)?;
        } else {
            self.decide_by(&batch.policy, batch.firewall.as_ref()).await?;
            if !self.stuck.load(Ordering::Relaxed) {
                self.try_over(batch).await?;
            }
        }
        self.tried.extend(batch.trials.iter().filter_map(|trial| tried(trial, batch.amid)));
        self.visits.extend(batch.trials.iter().filter_map(visited));
        self.meanings.extend(batch.meanings.clone());
        Ok(())
    }

    /// Puts policies, and waits until the Defender decides by them. Where the firewall has one, the runtime policy is put if it is another.
    async fn decide_by(&self, policy: &RuntimePolicy, firewall: Option<&WaasPolicy>) -> Result<(), RigError> {
        let is_news = {
            let mut last = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *last, policy.clone()) != *policy
        };
        if is_news || firewall.is_none() {
            put(self.rig, policy).await?;
        }
        if let Some(firewall) = firewall {
            self.put_firewall(firewall).await?;
        }
        match self.rig.policy_in_force(POLICY_LIMIT).await {
            Err(error @ RigError::Wait(_)) => {
                self.got_stuck("a policy that is in force", POLICY_LIMIT, &error);
                Ok(())
            }
            other => other,
        }
    }

    pub(super) fn is_stuck(&self) -> bool {
        self.stuck.load(Ordering::Relaxed)
    }

    fn got_stuck(&self, what: &str, limit: Duration, why: &RigError) {
        self.stuck.store(true, Ordering::Relaxed);
        let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let observation = Observation::LimitPassed { what: what.to_owned(), limit_ms, seen: chain(why) };
        self.watch.record(Recording { source: Source::Runner, token: None, observation });
    }

    /// Tries all, and disturbs the link as the batch says.
    async fn try_over(&self, batch: &Batch) -> Result<(), RigError> {
        let console = self.rig.console().console();
        let closed = async || {
            console.close_links();
            let _ = console.wait_disconnected(CLOSED_LIMIT).await;
        };
        match batch.link {
            Link::Steady => self.try_all(batch).await,
            Link::Away => {
                console.faults().begin(Fault::Link(LinkFault::Refuse));
                closed().await;
                let done = self.try_all(batch).await;
                console.faults().end(Fault::Link(LinkFault::Refuse));
                self.come_back().await;
                done
            }
            Link::Closes => {
                let (before, behind) = batch.trials.split_at(batch.trials.len() / 2);
                let of = |trials: &[Trial]| Batch { trials: trials.to_vec(), ..batch.clone() };
                self.try_all(&of(before)).await?;
                console.close_links();
                let done = self.try_all(&of(behind)).await;
                self.come_back().await;
                done
            }
            Link::LosesAcks => {
                console.faults().begin(Fault::Link(LinkFault::LoseAcks));
                let done = self.try_all(batch).await;
                console.faults().end(Fault::Link(LinkFault::LoseAcks));
                closed().await;
                self.come_back().await;
                done
            }
        }
    }

    /// Waits for the Defender to connect again. One that does not is known by what is missing of it.
    async fn come_back(&self) {
        let _ = self.rig.console().console().wait_connected(None, POLICY_LIMIT).await;
    }

    async fn try_all(&self, batch: &Batch) -> Result<(), RigError> {
        let of = |container: &'static str| {
            let trials = batch.trials.iter().filter(move |trial| trial.container == container);
            stream::iter(trials)
                .map(|trial| self.try_one(trial, batch.amid))
                .buffer_unordered(batch.at_once.max(1))
        };
        let mut all = stream::select_all(CONTAINERS.iter().map(|container| Box::pin(of(container))));
        while let Some(done) = all.next().await {
            done?;
        }
        Ok(())
    }

    async fn try_one(&self, trial: &Trial, amid: bool) -> Result<(), RigError> {
        if let What::Visit(visit) = &trial.what {
            return self.visit(&trial.token, visit).await;
        }
        let stimulus = Observation::Stimulus { what: shown(trial) };
        let token = Some(trial.token.clone());
        self.watch.record(Recording { source: Source::Runner, token, observation: stimulus });
        if self.is_stuck() {
            return Ok(());
        }
        let Some(request) = trial.request(self.resolver, amid) else { return Ok(()) };
        if let Err(error) = self.rig.task()?.act(trial.container, &request, Some(&trial.token)).await {
            self.got_stuck("an answer of the actor", ACT_LIMIT, &error);
        }
        Ok(())
    }

    /// Waits until everything has come out, under a policy that lets all through, and gives the check of it.
    ///
    /// # Errors
    /// When the Console does not answer. A fence that does not come out is none: the check says so.
    pub async fn check(&mut self, semantics: &Semantics) -> Result<AsModelled, RigError> {
        if !self.stuck.load(Ordering::Relaxed) {
            let open = (!self.visits.is_empty()).then(open);
            self.decide_by(&nothing(), open.as_ref()).await?;
            if open.is_some() {
                self.fence_requests().await?;
            }
            for container in CONTAINERS {
                self.fence_questions(container).await?;
            }
        }
        // What is not fenced is unproved, and the check says which.
        let _ = self.rig.fence(FENCE_LIMIT).await;
        Ok(AsModelled {
            semantics: semantics.clone(),
            images: images(),
            links: links().map(|(link, to)| (link.to_owned(), to.to_owned())).collect(),
            tried: std::mem::take(&mut self.tried),
            visits: std::mem::take(&mut self.visits),
            meanings: self.meanings.clone(),
        })
    }

    async fn fence_questions(&self, container: &str) -> Result<(), RigError> {
        let pipeline = Pipeline::Questions { container: container.to_owned() };
        let id = format!("fence-{container}-{}", COLLECTIONS.fetch_add(1, Ordering::Relaxed));
        self.watch.fence_goes_in(&pipeline, &id);
        let request = Request::Query {
            server: SocketAddr::new(self.resolver, 53),
            name: format!("{id}.proofhouse.example"),
            record: "A".to_owned(),
            socket: QuerySocket::Connected,
            timeout_ms: QUERY_LIMIT_MS,
        };
        if let Err(error) = self.rig.task()?.act(container, &request, Some(&id)).await {
            self.got_stuck("an answer of the actor", ACT_LIMIT, &error);
            return Ok(());
        }
        self.watch.fence_comes_out(&id, FENCE_LIMIT).await;
        Ok(())
    }
}

fn tried(trial: &Trial, amid: bool) -> Option<Tried> {
    Some(Tried {
        token: trial.token.clone(),
        container: trial.container.to_owned(),
        user: trial.user().to_owned(),
        deeds: trial.deeds(),
        outcome: trial.outcome()?,
        amid,
    })
}

/// Gives the Console a policy, with the collections that it names.
async fn put(rig: &Rig, policy: &RuntimePolicy) -> Result<(), RigError> {
    let mut policy = policy.clone();
    ensure(rig, policy.rules.iter_mut().flat_map(|rule| &mut rule.collections)).await?;
    rig.client().demand("PUT", RUNTIME, Some(&json!(policy))).await?;
    Ok(())
}

/// Gives the Console collections, under names of their own.
pub(super) async fn ensure(
    rig: &Rig,
    collections: impl Iterator<Item = &mut Collection>,
) -> Result<(), RigError> {
    for collection in collections {
        if collection.name != "All" {
            collection.name = format!("c{}", COLLECTIONS.fetch_add(1, Ordering::Relaxed));
            rig.ensure_collection(collection).await?;
        }
    }
    Ok(())
}
