//! Single actions on the engine, each answered with an event.

use super::shared::Shared;
use crate::engine::{ContainerId, ContainerSpec, Engine, EngineError, RunState};
use crate::lifecycle::{Event, Signal};
use crate::plan::WORLD;
use proofhouse_protocol::observation::ContainerHappening;
use std::time::Duration;

/// Creates a container, fetching its image if it is not there.
pub(super) async fn create(engine: &dyn Engine, spec: &ContainerSpec) -> Result<ContainerId, EngineError> {
    match engine.create(spec).await {
        Err(EngineError::NoImage { .. }) => {
            engine.pull(&spec.image).await?;
            engine.create(spec).await
        }
        other => other,
    }
}

/// Creates a container of the definition.
pub(super) async fn create_container(shared: &Shared, container: &str) -> Event {
    let Some(planned) = shared.plan.container(container) else {
        return failed_create(container, "CannotCreateContainerError: not in the plan".to_owned());
    };
    match create(shared.engine.as_ref(), &planned.spec).await {
        Ok(id) => {
            shared.know(container, id.clone());
            shared.container_event(
                container,
                ContainerHappening::Created,
                None,
                format!("{id} from {}", planned.spec.image),
            );
            Event::Created { container: container.to_owned() }
        }
        Err(error @ EngineError::NoImage { .. }) => {
            failed_create(container, format!("CannotPullContainerError: {error}"))
        }
        Err(error) => failed_create(container, format!("CannotCreateContainerError: {error}")),
    }
}

fn failed_create(container: &str, reason: String) -> Event {
    Event::CreateFailed { container: container.to_owned(), reason }
}

/// Starts a container of the definition.
pub(super) async fn start_container(shared: &Shared, container: &str) -> Event {
    let Some(id) = shared.id(container) else {
        let reason = "CannotStartContainerError: it was never created".to_owned();
        return Event::StartFailed { container: container.to_owned(), exit_code: None, reason };
    };
    match shared.engine.start(&id).await {
        Ok(()) => Event::Started { container: container.to_owned() },
        Err(error) => {
            // The engine writes 127 or 126 into the state of one whose program it could not run.
            let state = shared.engine.inspect(&id).await.ok();
            let exit_code = state.and_then(|state| state.exit_code).filter(|code| matches!(code, 126 | 127));
            let reason = format!("CannotStartContainerError: {error}");
            Event::StartFailed { container: container.to_owned(), exit_code, reason }
        }
    }
}

/// Asks a container to end, with its image's own stop signal, or kills it; answers when it has been told.
pub(super) async fn signal_container(shared: &Shared, container: &str, signal: Signal) -> Option<Event> {
    let id = shared.id(container)?;
    let name = match signal {
        Signal::Kill => {
            shared.kills(container);
            "SIGKILL".to_owned()
        }
        Signal::Term => shared
            .engine
            .inspect(&id)
            .await
            .map_or_else(|_| "SIGTERM".to_owned(), |state| state.made.stop_signal),
    };
    shared.container_event(container, ContainerHappening::Signalled, None, name.clone());
    if let Err(error) = shared.engine.kill(&id, &name).await {
        shared.container_event(
            container,
            ContainerHappening::Signalled,
            None,
            format!("{name} was not delivered: {error}"),
        );
        return None;
    }
    Some(Event::Signalled { container: container.to_owned(), signal })
}

/// Whether memory ran out in a container that has ended. What cannot be found out did not happen.
pub(super) async fn ran_out_of_memory(shared: &Shared, id: &ContainerId, patience: Duration) -> bool {
    match shared.engine.ran_out_of_memory(id, patience).await {
        Ok(ran_out) => ran_out,
        Err(error) => {
            tracing::warn!(container = %id, %error, "whether memory ran out is not known");
            false
        }
    }
}

/// The code with which a container has ended, if it has.
pub(super) async fn exit_of(shared: &Shared, id: &ContainerId) -> Option<i64> {
    match shared.engine.inspect(id).await {
        Ok(seen) => seen.exit_code.filter(|_| seen.state == RunState::Exited),
        Err(error) => {
            tracing::warn!(container = %id, %error, "whether a container has ended is not known");
            None
        }
    }
}

/// Takes the world away. Its end is the end of every relayed socket.
pub(super) async fn deprovision(shared: &Shared) -> Event {
    if let Some(id) = shared.id(WORLD)
        && let Err(error) = shared.engine.kill(&id, "SIGKILL").await
    {
        tracing::warn!(%error, "the world container could not be killed; removing the task will");
    }
    Event::Deprovisioned
}
