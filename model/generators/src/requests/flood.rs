//! Clients that send too much, or half as much as is too much, and what apps do about them.

use super::ask::Ask;
use super::visit::{Forwarded, Visit};
use proofhouse_protocol::WaasPolicy;
use proofhouse_protocol::waas_policy::{CodeRange, DosConfig, DosMatchCondition, DosRates};
use proptest::prelude::*;

/// Clients of a flood under one policy.
pub(crate) const CLIENTS: usize = 4;

/// Settings of each app, and clients.
#[derive(Debug, Clone)]
pub(crate) struct Floods {
    settings: Vec<DosConfig>,
    visits: Vec<Visit>,
}

impl Floods {
    /// Gives the apps of a policy their settings; the clients that send much.
    pub(crate) fn put(self, firewall: &mut WaasPolicy) -> Vec<Visit> {
        let apps = firewall.rules.iter_mut().flat_map(|rule| &mut rule.applications_spec);
        for (app, settings) in apps.zip(self.settings) {
            app.dos_config = settings;
        }
        self.visits
    }
}

/// For so many apps.
pub(crate) fn floods(apps: usize) -> impl Strategy<Value = Floods> {
    (1..3_u32, prop::bool::weighted(0.1)).prop_flat_map(move |(rate, slow)| {
        let settings = prop_oneof![1 => Just(DosConfig::default()), 4 => settings(rate, slow)];
        let limit = if slow { 120 } else { 5 * usize::try_from(rate).unwrap_or_default() };
        let clients = prop::collection::vec(client(limit), if slow { 1 } else { CLIENTS });
        (prop::collection::vec(settings, apps), clients)
            .prop_map(|(settings, visits)| Floods { settings, visits })
    })
}

/// Both rates are the same, or one of them is not used.
fn settings(rate: u32, slow: bool) -> impl Strategy<Value = DosConfig> {
    let rates = move |used: bool| match (used, slow) {
        (false, _) => DosRates::default(),
        (true, false) => DosRates { burst: Some(rate), average: None },
        (true, true) => DosRates { burst: None, average: Some(1) },
    };
    let some = prop::sample::subsequence(vec!["north", "south", "nobody"], 1..3);
    let excluded = prop_oneof![2 => Just(Vec::new()), 1 => some];
    let conditions = prop_oneof![
        2 => Just(Vec::new()),
        2 => prop::collection::vec(condition(), 1),
        1 => prop::collection::vec(condition(), 2),
    ];
    (0..3_u8, conditions, excluded).prop_map(move |(used, match_conditions, excluded)| DosConfig {
        enabled: true,
        alert: rates(used != 1),
        ban: rates(used != 0),
        match_conditions,
        excluded_network_lists: excluded.into_iter().map(str::to_owned).collect(),
        track_session: false,
    })
}

/// Of one kind, or of several together.
fn condition() -> impl Strategy<Value = DosMatchCondition> {
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let methods = prop_oneof![Just(own(&["GET"])), Just(own(&["POST", "PUT"]))];
    let types = prop_oneof![Just(own(&[".php"])), Just(own(&[".asp", ".php"]))];
    let range = |start, end| CodeRange { start, end };
    let codes =
        prop_oneof![Just(vec![range(400, Some(404))]), Just(vec![range(404, None), range(200, Some(200))]),];
    let kinds = prop_oneof![
        3 => Just([true, false, false]),
        2 => Just([false, true, false]),
        2 => Just([false, false, true]),
        2 => Just([true, true, false]),
        1 => Just([true, true, true]),
    ];
    (kinds, methods, types, codes).prop_map(|([by_method, by_type, by_code], methods, types, codes)| {
        DosMatchCondition {
            methods: if by_method { methods } else { Vec::new() },
            file_types: if by_type { types } else { Vec::new() },
            response_code_ranges: if by_code { codes } else { Vec::new() },
        }
    })
}

/// One that sends the same again and again: half of what is allowed, or more than twice as much.
fn client(limit: usize) -> impl Strategy<Value = Visit> {
    let number = prop::sample::select(vec![limit / 2, 2 * limit + 1, 3 * limit]);
    let what = (
        prop::sample::select(&["GET", "GET", "POST", "PUT"][..]),
        prop::sample::select(&["/", "/login.php", "/missing", "/made"][..]),
        prop_oneof![3 => Just(80_u16), 1 => Just(81)],
    );
    (0..4_u8, number, what).prop_map(|(group, number, (method, path, port))| Visit {
        group,
        number: 0,
        again: false,
        forwarded: Forwarded::No,
        kept: true,
        asks: vec![Ask { method, path, port, ..Ask::plain() }; number],
    })
}
