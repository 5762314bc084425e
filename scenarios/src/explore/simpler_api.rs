//! What an app declares of its API, one step simpler.

use super::shrink::without_each;
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::waas_policy::{ApiMethod, ApiPath, ApiSpec, Param, ParamLocation};

/// All that are, the boldest steps first. The endpoints stay.
pub(super) fn simpler_apis(spec: &ApiSpec) -> Vec<ApiSpec> {
    let mut all = Vec::new();
    let none = ApiSpec { endpoints: spec.endpoints.clone(), ..ApiSpec::default() };
    if none == *spec {
        return all;
    }
    all.push(none);
    for off in 0..3 {
        let mut next = spec.clone();
        let effects = [&mut next.effect, &mut next.fallback_effect, &mut next.query_param_fallback_effect];
        for (at, effect) in effects.into_iter().enumerate() {
            if at == off {
                *effect = WaasEffect::Disable;
            }
        }
        all.push(next);
    }
    let with = |paths: Vec<ApiPath>| ApiSpec { paths, ..spec.clone() };
    let fewer = without_each(&spec.paths).filter(|paths| !paths.is_empty());
    all.extend(fewer.map(with));
    for (at, path) in spec.paths.iter().enumerate() {
        all.extend(simpler_paths(path).into_iter().map(|simpler| {
            let mut paths = spec.paths.clone();
            paths[at] = simpler;
            with(paths)
        }));
    }
    all.retain(|simpler| simpler != spec);
    all
}

fn simpler_paths(path: &ApiPath) -> Vec<ApiPath> {
    let with = |methods: Vec<ApiMethod>| ApiPath { methods, ..path.clone() };
    let mut all: Vec<_> = without_each(&path.methods).map(with).collect();
    for (at, method) in path.methods.iter().enumerate() {
        let mut with = |parameters: Vec<Param>| {
            let mut next = path.clone();
            next.methods[at].parameters = parameters;
            all.push(next);
        };
        without_each(&method.parameters).for_each(&mut with);
        for (place, param) in method.parameters.iter().enumerate() {
            for simpler in simpler_params(param) {
                let mut parameters = method.parameters.clone();
                parameters[place] = simpler;
                with(parameters);
            }
        }
    }
    all
}

fn simpler_params(param: &Param) -> Vec<Param> {
    let plain = Param::new(param.name.clone(), param.location);
    let required = param.required && param.location != ParamLocation::Path;
    let one = [
        Param { required: param.required && !required, ..param.clone() },
        Param { allow_empty_value: false, ..param.clone() },
        Param { array: false, style: None, explode: false, ..param.clone() },
        Param { min: None, ..param.clone() },
        Param { max: None, ..param.clone() },
        // The Console refuses bounds of what is no number.
        Param { kind: plain.kind, min: None, max: None, ..param.clone() },
    ];
    one.into_iter().filter(|simpler| simpler != param).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_api_loses_a_thing_at_a_time() {
        let spec: ApiSpec =
            serde_json::from_value(json!({"effect": "alert", "fallbackEffect": "ban", "paths": [
            {"path": "/", "methods": [{"method": "GET"}]},
            {"path": "/a", "methods": [{"method": "PUT", "parameters": [
                {"name": "n", "location": "query", "type": "integer", "max": 9}]}]}]}))
            .unwrap();
        let all = simpler_apis(&spec);
        // Nothing declared, two effects, two paths, two methods, a parameter, its greatest number and its type.
        assert_eq!(all.len(), 10, "{all:#?}");
        assert!(all.iter().all(|simpler| *simpler != spec));
        assert_eq!(all[0], ApiSpec::default());
        assert!(simpler_apis(&ApiSpec::default()).is_empty());
    }
}
