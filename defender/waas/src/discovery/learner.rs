//! Everything that was learned, and what of it is still to be told.

use super::known::Known;
use super::request::{Answered, Lesson};
use super::{path, query};
use crate::policy::{App, has_host};
use hyper::Response;
use hyper::body::Body;
use proofhouse_protocol::{DiscoveredApi, LearnedParam};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Between two tellings of what is new.
const PERIOD: Duration = Duration::from_secs(30 * 60);

/// APIs, and query parameters of all of them, are fewer than these.
const APIS: usize = 1_000;
const QUERY_PARAMS: usize = 20_000;

/// Statuses and media types of one API, at most.
const MOST_ANSWERS: usize = 16;

/// Where a request came in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entrance<'a> {
    pub(crate) port: u16,
    pub(crate) tls: bool,
    pub(crate) host: &'a str,
}

/// Learns, for all apps of the firewall.
#[derive(Debug)]
pub(crate) struct Learner {
    known: Known,
    learned: Mutex<Learned>,
}

#[derive(Debug)]
struct Learned {
    apis: BTreeMap<Key, DiscoveredApi>,
    query_params: usize,
    untold: BTreeSet<Key>,
    told: Instant,
}

/// App, host, port, encryption, resource, method.
type Key = (String, String, u16, bool, String, String);

impl Learner {
    pub(crate) fn new(now: Instant) -> Self {
        let learned = Learned { apis: BTreeMap::new(), query_params: 0, untold: BTreeSet::new(), told: now };
        Self { known: Known::new(), learned: Mutex::new(learned) }
    }

    /// Learns from a request in which nothing was found, and from its answer. What teaches nothing new takes no lock.
    pub(crate) fn hear<B: Body>(
        &self,
        app: &App,
        entrance: Entrance<'_>,
        lesson: &Lesson,
        response: &Response<B>,
    ) {
        let Some(answered) = lesson.answered(response) else { return };
        let Entrance { port, tls, host } = entrance;
        let (id, uri) = (&app.spec.app_id, &lesson.uri);
        let request = (lesson.method.as_str(), uri.path(), uri.query());
        let number = self.known.number((id, port, tls, host, request, answered));
        if self.known.has(number) {
            return;
        }
        if let Some(api) = read(app, entrance, lesson, answered) {
            self.lock().add(api);
        }
        self.known.add(number);
    }

    /// What was learned since the last telling, if the period is over.
    pub(crate) fn due(&self, now: Instant) -> Vec<DiscoveredApi> {
        let mut learned = self.lock();
        let over = now.saturating_duration_since(learned.told) >= PERIOD;
        if over { learned.take(now) } else { Vec::new() }
    }

    /// What was learned since the last telling.
    pub(crate) fn take(&self, now: Instant) -> Vec<DiscoveredApi> {
        self.lock().take(now)
    }

    /// Forgets apps that are gone or learn no more; what they have not told is lost with them.
    pub(crate) fn retain(&self, learns: impl Fn(&str) -> bool) {
        let mut learned = self.lock();
        learned.apis.retain(|key, _| learns(&key.0));
        learned.untold.retain(|key| learns(&key.0));
        learned.query_params = learned.apis.values().map(|api| api.query_params.len()).sum();
        self.known.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Learned> {
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The API that a request is of.
fn read(app: &App, entrance: Entrance<'_>, lesson: &Lesson, answered: Answered<'_>) -> Option<DiscoveredApi> {
    let Entrance { port, tls, host } = entrance;
    let mut endpoints = app.spec.api_spec.endpoints.iter();
    let endpoint = endpoints
        .find(|endpoint| endpoint.exposed_port == port && endpoint.tls == tls && has_host(endpoint, host))?;
    let folded = path::fold(lesson.uri.path())?;
    Some(DiscoveredApi {
        rule_app_id: app.spec.app_id.clone(),
        host: endpoint.host.clone(),
        port,
        tls,
        method: lesson.method.as_str().to_owned(),
        path: folded.template,
        path_params: folded.params,
        query_params: query::learn(lesson.uri.query().unwrap_or_default())?,
        statuses: vec![answered.status],
        content_types: answered.media_type().into_iter().filter(|kind| !kind.is_empty()).collect(),
    })
}

impl Learned {
    fn add(&mut self, sent: DiscoveredApi) {
        let DiscoveredApi { rule_app_id: app, host, port, tls, path, method, .. } = &sent;
        let key = (app.clone(), host.clone(), *port, *tls, path.clone(), method.clone());
        let mut changed = !self.apis.contains_key(&key);
        if changed && self.apis.len() + 1 >= APIS {
            return;
        }
        let api = self.apis.entry(key.clone()).or_insert_with(|| DiscoveredApi {
            query_params: Vec::new(),
            statuses: Vec::new(),
            content_types: Vec::new(),
            ..sent.clone()
        });
        for (known, sent) in api.path_params.iter_mut().zip(&sent.path_params) {
            changed |= query::widen(known, sent);
        }
        for sent in sent.query_params {
            changed |= match find(&api.query_params, &sent) {
                Ok(at) => query::widen(&mut api.query_params[at], &sent),
                Err(_) if self.query_params + 1 >= QUERY_PARAMS => false,
                Err(at) => {
                    self.query_params += 1;
                    api.query_params.insert(at, sent);
                    true
                }
            };
        }
        for status in sent.statuses {
            changed |= insert(&mut api.statuses, status);
        }
        for kind in sent.content_types {
            changed |= insert(&mut api.content_types, kind);
        }
        if changed {
            self.untold.insert(key);
        }
    }

    fn take(&mut self, now: Instant) -> Vec<DiscoveredApi> {
        self.told = now;
        std::mem::take(&mut self.untold).iter().filter_map(|key| self.apis.get(key).cloned()).collect()
    }
}

fn find(sorted: &[LearnedParam], sent: &LearnedParam) -> Result<usize, usize> {
    sorted.binary_search_by(|known| known.name.cmp(&sent.name))
}

/// Adds to a sorted list; whether it was not there and had room.
fn insert<T: Ord>(list: &mut Vec<T>, item: T) -> bool {
    match list.binary_search(&item) {
        Err(at) if list.len() < MOST_ANSWERS => {
            list.insert(at, item);
            true
        }
        _ => false,
    }
}
