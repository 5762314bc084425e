//! A corpus through a firewall.

use crate::case::{Case, Expect};
use crate::draft::Draft;
use crate::journal::{Journal, JournalError};
use crate::log::RuleLog;
use crate::place::Place;
use crate::send::{Answer, Outcome, Rules, send};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use thiserror::Error;
use tokio::sync::mpsc;

/// Cases between two looks at whether an honest request still passes.
const LOOK_EVERY: usize = 500;

/// Name of the header of go-ftw's marks.
const MARK_HEADER: &str = "X-CRS-Test";

/// Where and how.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where the firewall listens.
    pub address: SocketAddr,
    /// `Host` of the requests.
    pub host: String,
    /// How a refusal is known.
    pub rules: Rules,
    /// How long one answer may take.
    pub limit: Duration,
    /// Requests at once.
    pub jobs: usize,
}

/// Why a run says nothing.
#[derive(Debug, Error)]
pub enum RunError {
    /// An honest request does not pass.
    #[error("an honest request (GET /) {when} {what}")]
    Honest {
        /// When it was sent.
        when: &'static str,
        /// What came of it.
        what: String,
    },
    /// A plain attack is not refused.
    #[error("a plain attack (GET /?q=<script>alert(1)</script>) {when} {what}")]
    Attack {
        /// When it was sent.
        when: &'static str,
        /// What came of it.
        what: String,
    },
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The log of the firewall.
    #[error("the log of the firewall: {0}")]
    Log(#[from] std::io::Error),
}

/// An outcome, and what the firewall said that it matched: an event id, or ids of rules.
pub type Judged = (Outcome, String);

impl Target {
    /// One request that is in no corpus.
    async fn ask(&self, draft: Draft) -> Answer {
        match draft.bytes(&self.host) {
            Ok(bytes) => send(self.address, &bytes, self.limit).await,
            Err(_) => Answer::default(),
        }
    }

    async fn honest_passes(&self, when: &'static str) -> Result<(), RunError> {
        let answer = self.ask(Draft::default()).await;
        match self.rules.outcome(&answer) {
            Outcome::Passed => Ok(()),
            _ => Err(RunError::Honest { when, what: told(&answer) }),
        }
    }

    /// An honest request passes, and a plain attack does not: else nothing that comes out means anything.
    ///
    /// # Errors
    /// [`RunError::Honest`] and [`RunError::Attack`].
    pub async fn marks(&self, when: &'static str) -> Result<(), RunError> {
        self.honest_passes(when).await?;
        let draft = Place::Query.draft(b"<script>alert(1)</script>", false).unwrap_or_default();
        let answer = self.ask(draft).await;
        match self.rules.outcome(&answer) {
            Outcome::Blocked => Ok(()),
            _ => Err(RunError::Attack { when, what: told(&answer) }),
        }
    }

    /// Sends every case that the journal does not know, between marks. `done` is told of each case with the number of those before
    /// it. The outcomes are in the order of the cases.
    ///
    /// # Errors
    /// See [`RunError`]; what was found out stands in the journal.
    pub async fn run(
        &self,
        cases: &Arc<Vec<Case>>,
        journal: &mut Journal,
        mut done: impl FnMut(usize, &Judged),
    ) -> Result<Vec<Judged>, RunError> {
        self.marks("before the corpus").await?;
        let keys: Vec<String> = cases.iter().map(Case::key).collect();
        let mut judged: Vec<Option<Judged>> = keys.iter().map(|key| journal.known(key).cloned()).collect();
        let open: Arc<Vec<usize>> = Arc::new((0..cases.len()).filter(|at| judged[*at].is_none()).collect());
        let mut count = cases.len() - open.len();
        let next = Arc::new(AtomicUsize::new(0));
        let (results, mut arriving) = mpsc::channel(self.jobs.max(1));
        for _ in 0..self.jobs.max(1) {
            let (cases, open, next, results, target) =
                (Arc::clone(cases), Arc::clone(&open), Arc::clone(&next), results.clone(), self.clone());
            tokio::spawn(async move {
                while let Some(&at) = open.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let answer = send(target.address, &cases[at].request, target.limit).await;
                    let judged = (target.rules.outcome(&answer), answer.event_id.unwrap_or_default());
                    // Nobody listens only when the run has ended with an error.
                    if results.send((at, judged)).await.is_err() {
                        return;
                    }
                }
            });
        }
        drop(results);
        while let Some((at, one)) = arriving.recv().await {
            journal.write(&keys[at], one.0, &one.1)?;
            done(count, &one);
            judged[at] = Some(one);
            count += 1;
            if count.is_multiple_of(LOOK_EVERY) {
                self.honest_passes("amid the corpus").await?;
            }
        }
        self.marks("behind the corpus").await?;
        Ok(judged.into_iter().flatten().collect())
    }

    /// The same, one by one, by what the log says: a case is right if every rule that it expects is told of, and none that it forbids.
    /// Cases that say nothing of rules are judged by their answer.
    ///
    /// # Errors
    /// See [`RunError`].
    pub async fn run_by_log(
        &self,
        cases: &[Case],
        journal: &mut Journal,
        log: &mut RuleLog,
        mut done: impl FnMut(usize, &Judged),
    ) -> Result<Vec<Judged>, RunError> {
        let mut all = Vec::with_capacity(cases.len());
        for (count, case) in cases.iter().enumerate() {
            let key = case.key();
            if let Some(known) = journal.known(&key) {
                all.push(known.clone());
                continue;
            }
            self.mark(log, &format!("{key}-start")).await?;
            let answer = send(self.address, &case.request, self.limit).await;
            let ids = self.mark(log, &format!("{key}-end")).await?;
            let outcome = match &case.rules {
                None => self.rules.outcome(&answer),
                Some(rules) => {
                    let fired =
                        !rules.expected.is_empty() && rules.expected.iter().all(|id| ids.contains(id));
                    let forbidden = rules.unexpected.iter().any(|id| ids.contains(id));
                    match case.expect {
                        Expect::Blocked if fired && !forbidden => Outcome::Blocked,
                        Expect::Passed if forbidden => Outcome::Blocked,
                        Expect::Blocked | Expect::Passed => Outcome::Passed,
                    }
                }
            };
            let ids: Vec<_> = ids.iter().map(u32::to_string).collect();
            let one = (outcome, ids.join(" "));
            journal.write(&key, one.0, &one.1)?;
            done(count, &one);
            all.push(one);
        }
        Ok(all)
    }

    /// A request that leaves a line with that text in the log, and what stood before it.
    async fn mark(&self, log: &mut RuleLog, text: &str) -> Result<std::collections::BTreeSet<u32>, RunError> {
        self.ask(Draft::default().header(MARK_HEADER, text)).await;
        Ok(log.until(text, self.limit).await?)
    }
}

fn told(answer: &Answer) -> String {
    match answer.status {
        Some(status) => format!("was answered {status}"),
        None if answer.reset => "ended in a reset".to_owned(),
        None => "was not answered".to_owned(),
    }
}
