//! `proofhouse embed`.

use super::{Done, embedded};
use crate::arguments::EmbedArguments;
use crate::failure::{Failure, chain};
use crate::{input, output, place};
use proofhouse_console::embed::{self, EmbedRequest};
use proofhouse_console::{Console, ConsoleConfig};
use proofhouse_harness::definition::TaskDefinition;
use proofhouse_reports::ExitCode;
use serde_json::Value;
use std::path::Path;

/// Prints a definition as the Console protects it.
pub fn embed(arguments: &EmbedArguments) -> Done {
    let (name, text) = input::read(&arguments.file)?;
    let mut request =
        console()?.embed_request(&arguments.console_address).map_err(|refusal| defect(&refusal))?;
    request.filesystem_monitoring = arguments.filesystem_monitoring;
    if is_yaml(&arguments.file) {
        let protected = embed::embed_yaml(&text, &request)
            .map_err(|error| place::in_definition(&name, &text, &error.to_string()))?;
        embedded::tell(&name, &text, &protected);
        output::line(protected.trim_end());
        return Ok(ExitCode::Passed);
    }
    let protected = protect(&name, &text, &request)?;
    embedded::tell(&name, &text, &protected.to_string());
    output::json(&protected)
}

/// A definition in JSON, native or CloudFormation, protected.
pub fn protect(name: &str, text: &str, request: &EmbedRequest) -> Result<Value, Failure> {
    let document: Option<Value> = serde_json::from_str(text).ok();
    let template = document.as_ref().is_some_and(embed::is_cloud_formation);
    if !template {
        // It says where and why; whether Fargate would take the definition is for `validate`.
        TaskDefinition::parse(name, text)?;
    }
    embed::embed(document.unwrap_or_default(), request)
        .map_err(|error| place::in_definition(name, text, &error.to_string()))
}

/// A Console that serves nothing.
pub fn console() -> Result<Console, Failure> {
    Console::start(ConsoleConfig::default()).map_err(|error| defect(&error))
}

/// An error that no input should cause.
pub fn defect(error: &dyn std::error::Error) -> Failure {
    let mut failure = Failure::input(chain(error), "this is a defect: please report it");
    failure.exit = ExitCode::Internal;
    failure
}

fn is_yaml(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}
