//! What an app measures itself, in a task of its own.

use super::lab::{self, Lab};
use super::policies;
use crate::failure::{Failure, Message};
use proofhouse_protocol::observation::{LogStream, Observation};
use proofhouse_reports::ExitCode;
use proofhouse_scenarios::Watch;
use proofhouse_scenarios::rig::Internet;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;

/// How long such a task may take.
const END_LIMIT: Duration = Duration::from_secs(30);

/// The first line of JSON that the app of a definition prints; under the Defender where there is a runtime policy.
///
/// # Errors
/// When the task does not end, or the app prints nothing of the kind.
pub(super) async fn by_a_task<T: DeserializeOwned>(
    lab: &Lab,
    name: &str,
    definition: &Value,
    internet: &Internet,
    policy: Option<Value>,
) -> Result<T, Failure> {
    let how = if policy.is_some() { "wrapped" } else { "bare" };
    let mut setup = lab.setup(&format!("bench-{name}-{how}").replace([' ', '+'], "-")).await?;
    let rig = &mut setup.rig;
    let definition = match &policy {
        Some(policy) => {
            policies::put_runtime(rig, policy).await?;
            rig.embed(definition).await.map_err(lab::failed)?
        }
        None => definition.clone(),
    };
    let ended = async { rig.start(&definition, internet, None).await?.over(END_LIMIT).await };
    let ended = ended.await;
    rig.remove_task().await;
    let told = printed(&setup.watch);
    setup.rig.take_down().await;
    let record = ended.map_err(lab::failed)?;
    told.ok_or_else(|| {
        let text = format!("the app of \"{name}\" printed no times; exit codes: {:?}", record.exit_codes());
        Failure::new(ExitCode::Environment, Message::new(text).help("`make assets` builds its image anew"))
    })
}

fn printed<T: DeserializeOwned>(watch: &Watch) -> Option<T> {
    watch.records().iter().find_map(|record| match record.observation() {
        Observation::Log { stream: LogStream::Stdout, line } => serde_json::from_str(line).ok(),
        _ => None,
    })
}
