//! How many files an engine lets a container have open (`fargate.md` section 5, T14).

use crate::engine::{ContainerId, ContainerSpec, Engine, EngineError, Log, Ulimit};
use crate::labels::RunLabels;
use futures_util::TryStreamExt;

/// Both limits of open files on Fargate (`fargate.md` 2.8).
pub const OF_FARGATE: i64 = 65_535;
/// Name of the limit.
pub(crate) const NAME: &str = "nofile";

/// The most that the engine gives, if it is less than Fargate's 65535; for [`crate::plan::PlanOptions::open_files`]. Starts one
/// container of the world image for it, two where the engine refuses, and removes them.
///
/// # Errors
/// When the engine does not answer, or refuses for another reason.
pub async fn cap(
    engine: &dyn Engine,
    world_image: &str,
    labels: &RunLabels,
) -> Result<Option<i64>, EngineError> {
    let mut spec = ContainerSpec {
        name: format!("proofhouse-{}.open-files", labels.run),
        image: world_image.to_owned(),
        command: Some(vec!["open-files".to_owned()]),
        labels: labels.to_map(),
        ulimits: vec![Ulimit { name: NAME.to_owned(), soft: OF_FARGATE, hard: OF_FARGATE }],
        log: Log::Blocking,
        ..ContainerSpec::default()
    };
    match told(engine, &spec).await {
        Ok(_) => Ok(None),
        Err(error) if error.to_string().contains("rlimit") => {
            spec.ulimits.clear();
            let own = told(engine, &spec).await?;
            own.trim().parse().map(Some).map_err(|_| EngineError::Failed {
                what: "asking how many files a container may have open".to_owned(),
                status: 0,
                message: format!("the container said {own:?}"),
            })
        }
        Err(error) => Err(error),
    }
}

async fn told(engine: &dyn Engine, spec: &ContainerSpec) -> Result<String, EngineError> {
    let id = engine.create(spec).await?;
    let told = run(engine, &id).await;
    engine.remove(&id).await?;
    told
}

async fn run(engine: &dyn Engine, id: &ContainerId) -> Result<String, EngineError> {
    engine.start(id).await?;
    let lines: Vec<_> = engine.logs(id, true).try_collect().await?;
    Ok(lines.into_iter().map(|line| line.line).collect())
}
