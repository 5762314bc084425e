//! Taking away what is ours: leftovers of runs that died, the rest of a run, everything.

use crate::engine::{Engine, EngineError};
use crate::labels::{self, Life, Owner};
use futures_util::future::join_all;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long the engine may take to carry out what a process asked of it before it was killed. Nobody can ask the engine for what is
/// under way.
const UNDER_WAY: Duration = Duration::from_secs(1);

/// What is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Objects whose owner is no longer alive.
    Dead,
    /// Objects of one run, whoever owns them.
    Run(String),
    /// Every object of ours, also those in use.
    All,
}

/// What went, by name or id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Cleaned {
    /// Containers.
    pub containers: Vec<String>,
    /// Volumes.
    pub volumes: Vec<String>,
    /// Images; only asked for by [`images`].
    pub images: Vec<String>,
}

impl Cleaned {
    /// Whether nothing was there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.containers.is_empty() && self.volumes.is_empty() && self.images.is_empty()
    }

    /// Everything that went, for people.
    #[must_use]
    pub fn describe(&self) -> Vec<String> {
        let named = |kind: &str, names: &[String]| {
            names.iter().map(|name| format!("{kind} {name}")).collect::<Vec<_>>()
        };
        [named("container", &self.containers), named("volume", &self.volumes), named("image", &self.images)]
            .concat()
    }
}

impl Scope {
    fn filter(&self) -> Vec<String> {
        match self {
            Self::Run(run) => vec![format!("{}={run}", labels::RUN)],
            Self::Dead | Self::All => vec![labels::OWNER.to_owned()],
        }
    }

    /// An owner in another process namespace cannot be looked at, so what it has is left alone.
    fn takes(&self, of: &BTreeMap<String, String>) -> bool {
        match self {
            Self::Run(_) | Self::All => true,
            Self::Dead => of
                .get(labels::OWNER)
                .and_then(|label| Owner::from_label(label))
                .is_some_and(|owner| owner.life() == Life::Dead),
        }
    }
}

/// Removes the containers and volumes of a scope.
///
/// Containers go first, because a volume in use cannot go. One object that cannot be removed does not save the others.
///
/// # Errors
/// When the engine does not answer; else the first refusal, after everything was tried.
pub async fn clean(engine: &dyn Engine, scope: &Scope) -> Result<Cleaned, EngineError> {
    let filter = scope.filter();
    let mut cleaned = Cleaned::default();
    let mut refusal = None;
    let containers: Vec<_> =
        engine.list(&filter).await?.into_iter().filter(|container| scope.takes(&container.labels)).collect();
    let removals = join_all(containers.iter().map(|container| engine.remove(&container.id))).await;
    for (container, removed) in containers.into_iter().zip(removals) {
        match removed {
            Ok(()) => cleaned.containers.push(container.name),
            Err(error) => refusal = refusal.or(Some(error)),
        }
    }
    for volume in engine.list_volumes(&filter).await?.into_iter().filter(|volume| scope.takes(&volume.labels))
    {
        match engine.remove_volume(&volume.name).await {
            Ok(()) => cleaned.volumes.push(volume.name),
            Err(error) => refusal = refusal.or(Some(error)),
        }
    }
    refusal.map_or(Ok(cleaned), Err)
}

/// As [`clean`], until a look finds nothing more: what a killed process asked for may come to be behind the first.
///
/// # Errors
/// As [`clean`].
pub async fn clean_whole(engine: &dyn Engine, scope: &Scope) -> Result<Cleaned, EngineError> {
    let mut all = clean(engine, scope).await?;
    loop {
        tokio::time::sleep(UNDER_WAY).await;
        let Cleaned { containers, volumes, images } = clean(engine, scope).await?;
        if containers.is_empty() && volumes.is_empty() {
            return Ok(all);
        }
        all.containers.extend(containers);
        all.volumes.extend(volumes);
        all.images.extend(images);
    }
}

/// Removes the images that were made of assets.
///
/// # Errors
/// When the engine does not answer or refuses.
pub async fn images(engine: &dyn Engine) -> Result<Vec<String>, EngineError> {
    let mut removed = Vec::new();
    for image in engine.list_images(&[labels::IMAGE.to_owned()]).await? {
        let names = if image.tags.is_empty() { vec![image.id] } else { image.tags };
        for name in names {
            engine.remove_image(&name).await?;
            removed.push(name);
        }
    }
    Ok(removed)
}
