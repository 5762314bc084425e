//! The policies of a user's files, and everything that a Console finds wrong with them.

use crate::failure::Failure;
use crate::live::stand_in;
use crate::{input, place};
use miette::Report;
use proofhouse_console::{Console, Refusal};
use proofhouse_reports::ExitCode;
use serde_json::Value;
use std::path::Path;

/// The policies that were given.
#[derive(Debug)]
pub struct Policies {
    runtime: Option<PolicyFile>,
    waas: Option<PolicyFile>,
}

/// A policy, with what messages need to show a place in it.
#[derive(Debug)]
struct PolicyFile {
    name: String,
    text: String,
    value: Value,
}

impl Policies {
    /// Reads both files.
    ///
    /// # Errors
    /// With a message for each file that cannot be read.
    pub fn read(runtime: Option<&Path>, waas: Option<&Path>) -> Result<Self, Failure> {
        match (PolicyFile::read(runtime, "the runtime policy"), PolicyFile::read(waas, "the WAAS policy")) {
            (Ok(runtime), Ok(waas)) => Ok(Self { runtime, waas }),
            (runtime, waas) => Err(all(runtime.err().into_iter().chain(waas.err()))),
        }
    }

    /// Hands both to a Console.
    ///
    /// # Errors
    /// With a message for everything that is wrong with either.
    pub fn import(&self, console: &Console) -> Result<(), Failure> {
        let refused = |file: &Option<PolicyFile>, import: &dyn Fn(Value) -> Result<u64, Refusal>| {
            let file = file.as_ref()?;
            let refusal = import(file.value.clone()).err()?;
            Some(place::in_policy(&file.name, &file.text, &refusal))
        };
        let runtime = refused(&self.runtime, &|policy| console.import_runtime_policy(policy));
        let waas = refused(&self.waas, &|policy| console.import_waas_policy(policy));
        if runtime.is_none() && waas.is_none() {
            return Ok(());
        }
        Err(all(runtime.into_iter().chain(waas)))
    }

    /// Ports that an endpoint of the WAAS policy names by that member.
    pub fn waas_ports(&self, member: &str) -> Vec<u16> {
        self.waas.as_ref().map(|file| stand_in::waas_ports(&file.value, member)).unwrap_or_default()
    }
}

impl PolicyFile {
    fn read(file: Option<&Path>, what: &str) -> Result<Option<Self>, Failure> {
        let Some(file) = file else { return Ok(None) };
        let (name, text) = input::read(file)?;
        let value = place::parse(&name, &text, what)?;
        Ok(Some(Self { name, text, value }))
    }
}

/// The messages of several failures as one.
fn all(failures: impl Iterator<Item = Failure>) -> Failure {
    let reports: Vec<Report> = failures.flat_map(|failure| failure.reports).collect();
    Failure { exit: ExitCode::Usage, reports }
}
