//! The Console itself: its version, its declared choices, its clock, the bundles that it gives.

use super::{ScenarioWorld, StepError, StepResult};
use crate::rig::FirewallClock;
use crate::steps::{Bundle, Unit};
use jiff::SignedDuration;
use proofhouse_console::Version;
use proofhouse_console::authority::Authority;
use proofhouse_protocol::{Secret, Semantics};
use serde_json::{Value, json};
use std::time::Duration;

/// As long as a ban of a minute and the longest window of rates, and some more.
const LONGEST_WAIT: Duration = Duration::from_secs(180);

/// What a scenario's Console is, where it is not what that of the run is.
#[derive(Debug, Default)]
pub(super) struct Traits {
    version: Option<Version>,
    profile: Option<Semantics>,
    /// Name of a choice in the semantics, and what is chosen.
    choices: Vec<(String, Value)>,
}

impl Traits {
    /// Semantics and version of the Console; every choice was seen to be one when it was made.
    pub(super) fn given(&self, usual: &Semantics) -> (Semantics, Option<Version>) {
        let base = self.profile.as_ref().unwrap_or(usual);
        let chosen =
            self.choices.iter().try_fold(base.clone(), |semantics, choice| chosen(&semantics, choice));
        (chosen.unwrap_or_else(|_| base.clone()), self.version)
    }
}

/// The semantics with another choice.
fn chosen(semantics: &Semantics, (name, value): &(String, Value)) -> Result<Semantics, StepError> {
    let failed =
        |error: serde_json::Error| StepError::new(format!("{value} is no choice of {name}: {error}"));
    let mut document = serde_json::to_value(semantics).map_err(failed)?;
    let place = document.get_mut(name).ok_or_else(|| {
        StepError::new(format!(
            "there is no declared choice \"{name}\"; they stand in protocol/src/semantics.rs"
        ))
    })?;
    *place = value.clone();
    serde_json::from_value(document).map_err(failed)
}

fn version(text: &str) -> Result<Version, StepError> {
    text.parse().map_err(|error: proofhouse_console::version::BadVersion| StepError::new(error.to_string()))
}

impl ScenarioWorld {
    /// The Console of the scenario decides, and has Defenders decide, by another profile.
    pub(crate) fn choose_profile(&mut self, name: &str) -> StepResult {
        let profile = Semantics::named(name);
        self.console_traits.profile =
            Some(profile.ok_or_else(|| StepError::new(format!("there is no profile \"{name}\"")))?);
        Ok(())
    }

    /// One choice is another than the profile's: a word, or true or false.
    pub(crate) fn choose(&mut self, name: &str, word: &str) -> StepResult {
        let choice = (name.to_owned(), serde_json::from_str(word).unwrap_or_else(|_| json!(word)));
        chosen(&Semantics::current(), &choice)?;
        self.console_traits.choices.push(choice);
        Ok(())
    }

    /// The Console of the scenario has another version.
    pub(crate) fn choose_console_version(&mut self, text: &str) -> StepResult {
        self.console_traits.version = Some(version(text)?);
        Ok(())
    }

    /// The Console goes on as one of another version; Defenders have to connect again.
    pub(crate) async fn upgrade_console(&mut self, text: &str) -> StepResult {
        let to = version(text)?;
        self.ask(&format!("upgrades the Console to {to}"));
        self.rig().await?.console().console().upgrade(to);
        self.close_links().await
    }

    /// The Console's clock is put forward.
    pub(crate) async fn pass_minutes(&mut self, minutes: i64) -> StepResult {
        self.ask(&format!("puts the clock of the Console forward by {minutes} minutes"));
        self.rig().await?.console().pass_time(SignedDuration::from_mins(minutes));
        Ok(())
    }

    /// Time passes for the firewall: on its clock if that can be put forward, and else on the machine's.
    pub(crate) async fn pass_time_of_firewall(&mut self, count: u64, unit: Unit) -> StepResult {
        let time = Duration::from_secs(count.saturating_mul(unit.seconds()));
        let clock = self.scene()?.run.stage.defender().clock;
        match clock {
            FirewallClock::Link => {
                self.ask(&format!("has the clock of the firewall put forward by {} seconds", time.as_secs()));
                self.rig().await?.console().pass_time_of_firewalls(time).await?;
            }
            FirewallClock::Machine if time > LONGEST_WAIT => {
                return Err(StepError::new(format!(
                    "{count} {} are longer than a scenario waits, and the clock of this Defender's firewall cannot be put forward: \
                     its profile does not say \"clock\": \"link\"",
                    unit.word()
                )));
            }
            FirewallClock::Machine => {
                self.ask(&format!("waits for {} seconds", time.as_secs()));
                tokio::time::sleep(time).await;
            }
        }
        Ok(())
    }

    /// The sidecar gets another install bundle than the Console gave it.
    pub(crate) async fn exchange_bundle(&mut self, bundle: Bundle) -> StepResult {
        let failed = |error: proofhouse_console::authority::AuthorityError| StepError::new(error.to_string());
        let end = self.rig().await?.console();
        let (authority, recorder) = (end.console().authority(), end.recorder());
        let text = match bundle {
            Bundle::Garbled => "bm90IGEgYnVuZGxl".to_owned(),
            Bundle::Cut => {
                let whole = authority.install_bundle(&*recorder).map_err(failed)?.encode();
                whole.reveal().chars().take(whole.reveal().len() / 2).collect()
            }
            Bundle::Expired => {
                authority.expired_bundle(&*recorder).map_err(failed)?.encode().reveal().to_owned()
            }
            Bundle::Foreign => {
                let other = Authority::generate().map_err(failed)?;
                other.install_bundle(&*recorder).map_err(failed)?.encode().reveal().to_owned()
            }
        };
        recorder.keep_secret("install bundle", &Secret::new(text.clone()));
        self.bundle = Some(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_one_that_there_is_and_a_value_that_it_has() {
        let choice = |name: &str, value: Value| chosen(&Semantics::current(), &(name.to_owned(), value));
        assert!(choice("wildcardMatchesApex", json!(true)).unwrap().wildcard_matches_apex);
        assert!(choice("wildcardMatchesApex", json!("yes")).is_err());
        assert!(choice("noSuchChoice", json!(true)).is_err());
    }
}
