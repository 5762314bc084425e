//! Fences, and behind what they must stand to prove that nothing more came.

use super::evidence::Evidence;
use super::loss;
use proofhouse_protocol::observation::{ContainerHappening, FencePhase, Observation, Pipeline, Source};
use std::collections::{BTreeSet, HashMap};

impl<'a> Evidence<'a> {
    pub(super) fn fences(self) -> impl Iterator<Item = (usize, &'a Pipeline, &'a str, FencePhase)> {
        self.records().iter().enumerate().filter_map(|(index, r)| match r.observation() {
            Observation::Fence { pipeline, id, phase, .. } => Some((index, pipeline, id.as_str(), *phase)),
            _ => None,
        })
    }

    /// Ids of the fences: what carries one was not done by the scenario.
    pub(super) fn is_fence(self, id: &str) -> bool {
        self.fences().any(|(_, _, own, _)| own == id)
    }

    /// The number of the record in which a fence of this pipeline came out that went in behind a place; `Err` says why the
    /// absence of something behind it proves nothing.
    pub(super) fn fence(self, pipeline: &Pipeline, behind: usize) -> Result<u64, String> {
        if let Some(why) = loss::on(self.records(), pipeline) {
            return Err(format!("evidence was lost: {why}"));
        }
        let mut sent: HashMap<&str, usize> = HashMap::new();
        let mut problem = format!("no fence of {pipeline} went in behind it");
        for (index, own, id, phase) in self.fences().filter(|(_, own, ..)| *own == pipeline) {
            match phase {
                FencePhase::Sent => {
                    sent.insert(id, index);
                    if index > behind {
                        let at = self.since(&self.records()[index]);
                        problem = format!("fence `{id}` of {own}, sent at {at}, has not come out");
                    }
                }
                FencePhase::Passed if sent.get(id).is_some_and(|sent| *sent > behind) => {
                    match self.silent_containers(own, index) {
                        silent if silent.is_empty() => return Ok(self.records()[index].sequence),
                        silent => {
                            problem =
                                format!("fence `{id}` came out without an answer of {}", silent.join(", "))
                        }
                    }
                }
                FencePhase::Passed => {}
            }
        }
        Err(problem)
    }

    /// The containers in which someone acted, that run, and whose part of the Defender did not answer a fence of the audits.
    fn silent_containers(self, pipeline: &Pipeline, passed: usize) -> Vec<String> {
        let (Pipeline::Audits, Observation::Fence { containers, .. }) =
            (pipeline, self.records()[passed].observation())
        else {
            return Vec::new();
        };
        let acted: BTreeSet<&str> = self.acts().filter(|a| a.index < passed).map(|a| a.container).collect();
        let mut gone: BTreeSet<&str> = BTreeSet::new();
        for one in self.happened().filter(|one| one.index < passed) {
            match one.event {
                ContainerHappening::Exited | ContainerHappening::Removed => drop(gone.insert(one.container)),
                ContainerHappening::Started => drop(gone.remove(one.container)),
                _ => {}
            }
        }
        acted
            .into_iter()
            .filter(|name| !gone.contains(name) && !containers.iter().any(|answered| answered == name))
            .map(|name| format!("\"{name}\""))
            .collect()
    }

    /// A fence of the pipeline behind everything that a stimulus did.
    pub(super) fn fence_behind(self, pipeline: &Pipeline, token: &str) -> Result<u64, String> {
        self.end_of(Some(token)).and_then(|last| self.fence(pipeline, last))
    }

    /// Place of the last thing that a stimulus did, of any where no token is given; `Err` says why that is not known.
    ///
    /// What a task does by itself has no record of its own: a line that the scenario waits for, or an end, is all that tells.
    pub(super) fn end_of(self, token: Option<&str>) -> Result<usize, String> {
        let Some(token) = token else {
            return self.last_activity(None).ok_or_else(|| "any stimulus did not run".to_owned());
        };
        if self.tasks().any(|(index, ..)| self.records()[index].token() == Some(token)) {
            let unknown = || {
                "no line was waited for, and no container has ended, which would tell that it was done"
                    .to_owned()
            };
            return self.last_of_its_own(token).ok_or_else(unknown);
        }
        let last = self.last_activity(Some(token)).filter(|_| self.began(token).is_some());
        last.ok_or_else(|| format!("stimulus {} did not run", self.named(token)))
    }

    /// Place of what tells that the apps of a task have done by themselves what they do: the last line that the scenario waited for,
    /// or else the last end. Other lines may come at any time, and mean nothing.
    fn last_of_its_own(self, token: &str) -> Option<usize> {
        let began = self.began(token)?;
        let sidecar = self.embed_names().sidecar;
        let lines = self.records()[began..].iter().filter_map(|r| match r.observation() {
            Observation::Check { check, .. } if check["check"] == "wrote" => {
                let (container, text) = (check["container"].as_str()?, check["text"].as_str()?);
                self.records()[began..].iter().position(|r| {
                    matches!(r.observation(), Observation::Log { line, .. } if line.contains(text))
                        && matches!(&r.recording.source, Source::Container(name) if name == container)
                })
            }
            _ => None,
        });
        let end = || {
            self.records()[began..].iter().rposition(|r| {
                matches!(
                    r.observation(),
                    Observation::ContainerEvent { event: ContainerHappening::Exited, .. }
                ) && matches!(&r.recording.source, Source::Container(name) if *name != sidecar)
            })
        };
        Some(began + lines.max().or_else(end)?)
    }
}
