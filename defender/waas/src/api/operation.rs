//! One method of a resource: all that it takes.

use super::parameter::Parameter;
use super::paths::Captured;
use super::sent::Sent;
use super::violation::Violation;
use proofhouse_protocol::waas_policy::{ApiMethod, ParamLocation};

/// A method with its parameters.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) method: String,
    parameters: Vec<Parameter>,
}

impl Operation {
    pub(super) fn of(method: &ApiMethod) -> Self {
        Self {
            method: method.method.to_ascii_uppercase(),
            parameters: method.parameters.iter().map(Parameter::of).collect(),
        }
    }

    /// Whether values of its path are written with semicolons.
    pub(super) fn has_matrix(&self) -> bool {
        self.parameters.iter().any(Parameter::is_matrix)
    }

    /// What is wrong with values of the path.
    pub(super) fn against_path(&self, captured: &Captured<'_, '_>) -> Option<Violation> {
        let parameters = self.parameters.iter().filter(|parameter| parameter.place == ParamLocation::Path);
        parameters.into_iter().find_map(|parameter| {
            let (_, value) = captured.iter().find(|(name, _)| *name == parameter.name)?;
            parameter.against_path(value)
        })
    }

    /// What is wrong with everything else that is declared.
    pub(super) fn against(&self, sent: &Sent<'_>) -> Option<Violation> {
        let parameters = self.parameters.iter().filter(|parameter| parameter.place != ParamLocation::Path);
        parameters.into_iter().find_map(|parameter| {
            parameter.against(sent, |name| {
                parameter.is_named(name)
                    || (parameter.is_perhaps_named(name) && !self.declares(parameter.place, name))
            })
        })
    }

    /// The first query parameter that is not declared.
    pub(super) fn undeclared(&self, sent: &Sent<'_>) -> Option<String> {
        let open = |parameter: &Parameter| parameter.place == ParamLocation::Query && parameter.is_open();
        if self.parameters.iter().any(open) {
            return None;
        }
        let mut names = sent.at(ParamLocation::Query).into_iter().flat_map(|reading| reading.fields());
        let name = names.find(|field| !self.declares(ParamLocation::Query, &field.name));
        name.map(|field| String::from_utf8_lossy(&field.name).into_owned())
    }

    fn declares(&self, place: ParamLocation, name: &[u8]) -> bool {
        self.parameters.iter().any(|parameter| parameter.place == place && parameter.is_named(name))
    }
}
