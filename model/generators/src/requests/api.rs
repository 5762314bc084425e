//! What apps declare of their APIs, and clients that ask as it is declared, or nearly.

use super::api_call::{Deviation, call};
use super::ask::Ask;
use super::visit::{Forwarded, Visit};
use proofhouse_model::requests::Spot;
use proofhouse_protocol::waas_policy::{
    ApiMethod, ApiPath, Endpoint, Param, ParamLocation, ParamStyle, ParamType,
};
use proofhouse_protocol::{WaasEffect, WaasPolicy};
use proptest::prelude::*;
use serde_json::Map;

/// Clients that ask by the API under one policy.
const CLIENTS: usize = 15;

/// Resources, of which other requests of campaigns know some.
const RESOURCES: &[&str] = &[
    "/",
    "/shop/list",
    "/admin",
    "/missing",
    "/items",
    "/items/new",
    "/items/{item}",
    "/orders/{order}/lines",
    "/list",
];

const METHODS: &[&str] = &["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];

/// Methods that may have a body.
const WITH_BODY: &[&str] = &["POST", "PUT", "PATCH", "DELETE"];

/// One API for all apps of a policy, the effects of each of them, where it has it, and clients.
#[derive(Debug, Clone)]
pub(crate) struct Apis {
    paths: Vec<ApiPath>,
    settings: Vec<Option<[WaasEffect; 3]>>,
    plans: Vec<Plan>,
}

/// What a client is to do.
#[derive(Debug, Clone)]
struct Plan {
    group: u8,
    kept: bool,
    /// Numbers that everything else is drawn by, and what is not as declared.
    asks: Vec<(u64, Deviation, bool)>,
}

impl Apis {
    /// Gives the apps of a policy the API; the clients that ask by it. With `cuts`, where bodies may be cut off, no body has several parts: a number
    /// before the mark between them is taken for SQL by the reference Defender then, which is open.
    pub(crate) fn put(self, firewall: &mut WaasPolicy, cuts: bool) -> Vec<Visit> {
        let mut endpoints: Vec<Endpoint> = Vec::new();
        let apps = firewall.rules.iter_mut().flat_map(|rule| &mut rule.applications_spec);
        for (app, settings) in apps.zip(&self.settings) {
            let spec = &mut app.api_spec;
            endpoints.extend(spec.endpoints.iter().cloned());
            if let Some(effects) = settings {
                spec.paths.clone_from(&self.paths);
                [spec.effect, spec.fallback_effect, spec.query_param_fallback_effect] = *effects;
            }
        }
        let visit = |plan: &Plan| {
            let asks = plan.asks.iter().map(|(number, deviation, env)| {
                let mut ask = call(&self.paths, &endpoints, *deviation, *number);
                if let Some(call) = ask.call.as_mut().filter(|_| cuts) {
                    call.body = call.body.take().filter(|body| body.kind != Spot::MultipartBody);
                }
                Ask { env: env.then_some("live"), ..ask }
            });
            let asks = asks.collect();
            let Plan { group, kept, .. } = *plan;
            Visit { group, number: 0, again: false, forwarded: Forwarded::No, kept, asks }
        };
        self.plans.iter().map(visit).collect()
    }
}

/// For so many apps.
pub(crate) fn apis(apps: usize) -> impl Strategy<Value = Apis> {
    let paths = prop::sample::subsequence(RESOURCES.to_vec(), 3..7);
    let paths = paths.prop_flat_map(|paths| paths.into_iter().map(resource).collect::<Vec<_>>());
    let settings = prop_oneof![
        1 => Just(None),
        1 => Just(Some([WaasEffect::Disable; 3])),
        8 => [effect(), effect(), effect()].prop_map(Some),
    ];
    (paths, prop::collection::vec(settings, apps), prop::collection::vec(plan(), CLIENTS))
        .prop_map(|(paths, settings, plans)| Apis { paths, settings, plans })
}

fn plan() -> impl Strategy<Value = Plan> {
    let deviation =
        prop_oneof![1 => Just(Deviation::None), 3 => prop::sample::select(Deviation::ALL.to_vec())];
    let ask = (any::<u64>(), deviation, any::<bool>());
    (0..4_u8, any::<bool>(), prop::collection::vec(ask, 1..4)).prop_map(|(group, kept, asks)| Plan {
        group,
        kept,
        asks,
    })
}

fn effect() -> impl Strategy<Value = WaasEffect> {
    prop_oneof![
        2 => Just(WaasEffect::Disable),
        3 => Just(WaasEffect::Alert),
        4 => Just(WaasEffect::Prevent),
        1 => Just(WaasEffect::Ban),
    ]
}

fn resource(path: &'static str) -> impl Strategy<Value = ApiPath> {
    let methods = prop::sample::subsequence(METHODS.to_vec(), 1..4);
    methods
        .prop_flat_map(move |methods| methods.into_iter().map(|one| method(path, one)).collect::<Vec<_>>())
        .prop_map(move |methods| ApiPath { path: path.to_owned(), methods, extra: Map::new() })
}

/// Names, with where they stand, each once: of templates, of the head, and of one kind of body.
fn method(path: &'static str, method: &'static str) -> impl Strategy<Value = ApiMethod> {
    use ParamLocation::{Cookie, FormData, Header, Json, Multipart, Query, Xml};
    const HEAD: [(ParamLocation, &str); 8] = [
        (Query, "count"),
        (Query, "size"),
        (Query, "page"),
        (Query, "id"),
        (Header, "X-Count"),
        (Header, "X-Order"),
        (Cookie, "tier"),
        (Cookie, "sid"),
    ];
    let names = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    let of_path: Vec<_> = names.map(|name| (ParamLocation::Path, name)).collect();
    let of_path = prop_oneof![1 => Just(Vec::new()), 4 => Just(of_path)];
    let of_head = prop_oneof![
        2 => prop::sample::subsequence(HEAD[..4].to_vec(), 1..3),
        2 => prop::sample::subsequence(HEAD.to_vec(), 0..4),
        1 => prop::sample::subsequence(HEAD[4..].to_vec(), 1..3),
    ];
    let of_body: BoxedStrategy<Vec<(ParamLocation, &str)>> = if WITH_BODY.contains(&method) {
        let place = prop::sample::select(vec![FormData, Multipart, Json, Json, Xml]);
        let names = prop::sample::subsequence(vec!["count", "lang", "tags"], 0..4);
        (place, names)
            .prop_map(|(place, names)| names.into_iter().map(|name| (place, name)).collect())
            .boxed()
    } else {
        Just(Vec::new()).boxed()
    };
    (of_path, of_head, of_body)
        .prop_flat_map(|(path, head, body)| {
            let all = path.into_iter().chain(head).chain(body);
            all.map(|(place, name)| param(place, name)).collect::<Vec<_>>()
        })
        .prop_map(move |parameters| ApiMethod { method: method.to_owned(), parameters, extra: Map::new() })
}

/// Bounds only of numbers: the Console refuses others.
fn param(location: ParamLocation, name: &'static str) -> BoxedStrategy<Param> {
    use ParamLocation::{FormData, Header, Json, Query};
    let kind = prop_oneof![
        4 => Just(Some(ParamType::Integer)),
        2 => Just(Some(ParamType::Number)),
        3 => Just(Some(ParamType::String)),
        2 => Just(Some(ParamType::Boolean)),
        1 => Just(None),
    ];
    let bounds = (prop::option::weighted(0.6, 1..50_i32), prop::option::weighted(0.6, 0..50_i32));
    let several = matches!(location, Query | Header | FormData | Json);
    let in_pairs = matches!(location, Query | FormData);
    let style = prop::sample::select(vec![
        ParamStyle::Form,
        ParamStyle::PipeDelimited,
        ParamStyle::SpaceDelimited,
        ParamStyle::TabDelimited,
    ]);
    let flags =
        (prop::bool::weighted(0.4), prop::bool::weighted(0.25), prop::bool::weighted(0.3), any::<bool>());
    (kind, bounds, flags, style)
        .prop_map(move |(kind, (min, more), (required, allow_empty_value, array, explode), style)| {
            let is_number = matches!(kind, Some(ParamType::Integer | ParamType::Number));
            let min = min.filter(|_| is_number);
            let more = more.filter(|_| is_number);
            let array = array && several && kind.is_some();
            let style = (array && in_pairs).then_some(style);
            let max = more.map(|more| f64::from(min.unwrap_or(10) + more));
            Param {
                kind,
                style,
                required: required || location == ParamLocation::Path,
                allow_empty_value,
                array,
                // Other marks between values have no exploded form.
                explode: explode && style == Some(ParamStyle::Form),
                min: min.map(f64::from),
                max,
                ..Param::new(name, location)
            }
        })
        .boxed()
}
