//! Declared faults of the Console, and what they do to the links of Defenders.

use super::{ScenarioWorld, StepError, StepResult};
use crate::saboteur::{BadSaboteur, Saboteur};
use proofhouse_console::Fault;
use std::time::Duration;

/// How long a Defender may take to come back to a Console that was away.
const RECONNECT_LIMIT: Duration = Duration::from_secs(60);

/// How long the Console may take to notice that a link has ended.
const CLOSED_LIMIT: Duration = Duration::from_secs(5);

/// What keeps links away.
const AWAY: &str = "link-refuse";

fn fault(name: &str) -> Result<Fault, StepError> {
    name.parse().map_err(|error: proofhouse_console::faults::BadFault| StepError::new(error.to_string()))
}

fn saboteur(name: &str) -> Result<Saboteur, StepError> {
    name.parse().map_err(|error: BadSaboteur| StepError::new(error.to_string()))
}

impl ScenarioWorld {
    /// Switches a fault on, for who comes or speaks from now on.
    pub(crate) async fn begin_console_fault(&mut self, name: &str) -> StepResult {
        let fault = fault(name)?;
        self.rig().await?.console().console().faults().begin(fault);
        Ok(())
    }

    /// Switches a fault off.
    pub(crate) fn end_console_fault(&self, name: &str) -> StepResult {
        self.rig_ref()?.console().console().faults().end(fault(name)?);
        Ok(())
    }

    /// Sends a saboteur between the Defender and its surroundings.
    pub(crate) async fn send_saboteur(&mut self, name: &str) -> StepResult {
        match saboteur(name)? {
            Saboteur::Link(sabotage) => self.rig().await?.console().console().sabotage(sabotage),
            Saboteur::LateDns(by) => {
                self.internet.dns_lateness = by;
                // Before there is a task, it is the task that starts with it.
                if let Ok(task) = self.rig_ref().and_then(|rig| Ok(rig.task()?)) {
                    task.delay_dns(by);
                }
            }
        }
        Ok(())
    }

    /// Calls it back.
    pub(crate) fn call_saboteur_back(&mut self, name: &str) -> StepResult {
        match saboteur(name)? {
            Saboteur::Link(sabotage) => self.rig_ref()?.console().console().end_sabotage(&sabotage),
            Saboteur::LateDns(_) => {
                self.internet.dns_lateness = Duration::ZERO;
                self.rig_ref()?.task()?.delay_dns(Duration::ZERO);
            }
        }
        Ok(())
    }

    /// Closes the links of Defenders, and refuses new ones.
    pub(crate) async fn cut_console_off(&mut self) -> StepResult {
        self.begin_console_fault(AWAY).await?;
        self.close_links().await
    }

    /// Closes the links of Defenders, who may come back, and waits until each is noticed to be closed.
    pub(crate) async fn close_links(&self) -> StepResult {
        let console = self.rig_ref()?.console().console();
        console.close_links();
        let _ = console.wait_disconnected(CLOSED_LIMIT).await;
        Ok(())
    }

    /// Serves links again, and waits for a Defender to come back.
    pub(crate) async fn reconnect_console(&self) -> StepResult {
        self.end_console_fault(AWAY)?;
        self.await_link().await
    }

    /// Waits for a Defender to be connected. One that does not come is known by what is missing of it.
    pub(crate) async fn await_link(&self) -> StepResult {
        let _ = self.rig_ref()?.console().console().wait_connected(None, RECONNECT_LIMIT).await;
        Ok(())
    }
}
