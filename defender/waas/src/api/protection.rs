//! The API of an app, compiled, and what of a request is not as it says.

use super::base::Base;
use super::operation::Operation;
use super::paths::{Captured, Paths};
use super::reading::{self, Reading};
use super::sent::Sent;
use super::violation::Violation;
use crate::RequestView;
use crate::finding::Finding;
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::waas_policy::ApiSpec;

/// Segments of a resource, and of a base path; one that has more is none that a request could be for.
pub(super) const MOST_SEGMENTS: usize = 128;

/// The API of an app.
#[derive(Debug)]
pub(crate) struct ApiProtection {
    bases: Vec<Base>,
    paths: Paths<Resource>,
    /// For parameters.
    effect: WaasEffect,
    /// For paths and methods.
    fallback: WaasEffect,
    /// For query parameters that are not declared.
    query_fallback: WaasEffect,
}

/// How a request came to the app.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrived<'a> {
    pub(crate) port: u16,
    pub(crate) encrypted: bool,
    pub(crate) host: &'a str,
    /// Whether the body was read to its end.
    pub(crate) body_read: bool,
}

#[derive(Debug)]
struct Resource {
    path: String,
    operations: Vec<Operation>,
}

/// What a reading of the path leads to.
enum Led<'t, 's> {
    /// No endpoint of the app.
    Elsewhere,
    /// Nothing that the API has.
    Nowhere,
    To(&'t Resource, Captured<'t, 's>),
}

impl ApiProtection {
    /// None if the app declares no paths, or nothing is to happen whatever a request is.
    pub(crate) fn of(spec: &ApiSpec) -> Option<Self> {
        let [effect, fallback, query_fallback] =
            [spec.effect, spec.fallback_effect, spec.query_param_fallback_effect].map(of_firewall);
        let off = [effect, fallback, query_fallback].iter().all(|effect| *effect == WaasEffect::Disable);
        if spec.paths.is_empty() || off {
            return None;
        }
        let mut paths: Paths<Resource> = Paths::default();
        for declared in spec.paths.iter().filter(|path| path.path.matches('/').count() <= MOST_SEGMENTS) {
            let resource = || Resource { path: declared.path.clone(), operations: Vec::new() };
            let resource = paths.entry(&declared.path, resource);
            resource.operations.extend(declared.methods.iter().map(Operation::of));
        }
        let bases = spec.endpoints.iter().map(Base::of).filter(Base::may_be_asked_for).collect();
        Some(Self { bases, paths, effect, fallback, query_fallback })
    }

    /// The first violation that has an effect.
    pub(crate) fn check(&self, view: &RequestView<'_>, arrived: &Arrived<'_>) -> Option<Finding> {
        let sent = Sent::of(view, arrived);
        let mut seen: Vec<(&Resource, &Operation)> = Vec::new();
        let (mut matrix, mut elsewhere) = (false, true);
        for reading in reading::all(view.path) {
            if reading.bare && matrix {
                continue;
            }
            let (resource, captured) = match self.lead(&reading, arrived) {
                Led::Elsewhere => continue,
                Led::Nowhere => {
                    elsewhere = false;
                    match self.unknown_path(view) {
                        Some(finding) => return Some(finding),
                        None => continue,
                    }
                }
                Led::To(resource, captured) => (resource, captured),
            };
            elsewhere = false;
            matrix |= resource.operations.iter().any(Operation::has_matrix);
            let operations = resource.operations.iter();
            let Some(operation) = operations.into_iter().find(|operation| operation.method == view.method)
            else {
                let (method, resource) = (view.method.to_owned(), resource.path.clone());
                match told(self.fallback, || Some(Violation::Method { method, resource })) {
                    Some(finding) => return Some(finding),
                    None => continue,
                }
            };
            let known = seen.iter().any(|(_, known)| std::ptr::eq(*known, operation));
            let violation = || {
                let rest = || if known { None } else { operation.against(&sent) };
                operation.against_path(&captured).or_else(rest)
            };
            if let Some(finding) = told(self.effect, violation) {
                return Some(finding);
            }
            if !known {
                seen.push((resource, operation));
            }
        }
        if elsewhere {
            return self.unknown_path(view);
        }
        told(self.query_fallback, || {
            seen.iter().find_map(|(resource, operation)| {
                let (method, resource) = (operation.method.clone(), resource.path.clone());
                let name = operation.undeclared(&sent)?;
                Some(Violation::Undeclared { name, method, resource })
            })
        })
    }

    fn lead<'s>(&self, reading: &'s Reading, arrived: &Arrived<'_>) -> Led<'_, 's> {
        let entered = |base: &&Base| base.is_entered(arrived.port, arrived.encrypted, arrived.host);
        let covering = self.bases.iter().filter(entered).filter(|base| base.may_cover(&reading.segments));
        let mut covering = covering.peekable();
        if covering.peek().is_none() {
            return Led::Elsewhere;
        }
        let resource = covering.find_map(|base| base.resource(&reading.segments));
        match resource.and_then(|segments| self.paths.find(segments)) {
            Some((resource, captured)) => Led::To(resource, captured),
            None => Led::Nowhere,
        }
    }

    fn unknown_path(&self, view: &RequestView<'_>) -> Option<Finding> {
        let path = String::from_utf8_lossy(view.path).into_owned();
        told(self.fallback, || Some(Violation::Path { path }))
    }
}

/// What is looked for only if it has an effect.
fn told(effect: WaasEffect, violation: impl FnOnce() -> Option<Violation>) -> Option<Finding> {
    if effect == WaasEffect::Disable {
        return None;
    }
    violation().map(|violation| violation.finding(effect))
}

/// `allow` and `reCAPTCHA` are no effects of API protection (section 1.4 of `waas.md`); they do nothing.
fn of_firewall(effect: WaasEffect) -> WaasEffect {
    match effect {
        WaasEffect::Allow | WaasEffect::ReCaptcha => WaasEffect::Disable,
        effect => effect,
    }
}
