//! What is known of the APIs of each image and app.

use jiff::Timestamp;
use proofhouse_protocol::waas_policy::ParamType;
use proofhouse_protocol::{DiscoveredApi, LearnedParam};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// APIs of the same images are fewer than this [S20].
const APIS: usize = 1_000;

/// Images, app, host, port, encryption, path, method.
type Key = (Vec<String>, String, String, u16, bool, String, String);

/// Every API that was learned of.
#[derive(Debug, Default)]
pub(crate) struct Discovered(BTreeMap<Key, Row>);

#[derive(Debug)]
struct Row {
    api: DiscoveredApi,
    first: Timestamp,
    last: Timestamp,
}

impl Discovered {
    /// Adds what a firewall tells, in whatever order and how often it comes.
    pub(crate) fn add(&mut self, images: &[String], apis: Vec<DiscoveredApi>, now: Timestamp) {
        for api in apis {
            let DiscoveredApi { rule_app_id: app, host, port, tls, path, method, .. } = &api;
            let (images, app, host) = (images.to_vec(), app.clone(), host.clone());
            let key = (images, app, host, *port, *tls, path.clone(), method.clone());
            if let Some(row) = self.0.get_mut(&key) {
                merge(&mut row.api, api);
                row.last = now;
            } else if self.0.keys().filter(|known| known.0 == key.0).count() + 1 < APIS {
                self.0.insert(key, Row { api, first: now, last: now });
            }
        }
    }

    /// As the API lists them.
    pub(crate) fn rows(&self) -> Vec<Value> {
        let row = |((images, ..), row): (&Key, &Row)| {
            let mut written = json!(row.api);
            written["images"] = json!(images);
            written["firstSeen"] = json!(row.first.to_string());
            written["lastSeen"] = json!(row.last.to_string());
            written
        };
        self.0.iter().map(row).collect()
    }
}

/// Makes one out of two that tell of the same API.
fn merge(known: &mut DiscoveredApi, told: DiscoveredApi) {
    for (list, more) in
        [(&mut known.path_params, told.path_params), (&mut known.query_params, told.query_params)]
    {
        for param in more {
            match list.iter_mut().find(|known| known.name == param.name) {
                Some(known) => widen(known, &param),
                None => list.push(param),
            }
        }
    }
    known.query_params.sort_by(|one, other| one.name.cmp(&other.name));
    known.statuses.extend(told.statuses);
    known.statuses.sort_unstable();
    known.statuses.dedup();
    known.content_types.extend(told.content_types);
    known.content_types.sort_unstable();
    known.content_types.dedup();
}

fn widen(known: &mut LearnedParam, told: &LearnedParam) {
    use ParamType::{Integer, Number, String};
    known.kind = match (known.kind, told.kind) {
        (one, other) if one == other => one,
        (Integer, Number) | (Number, Integer) => Number,
        _ => String,
    };
    known.allow_empty_value |= told.allow_empty_value;
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::{select, subsequence};

    fn api(path: &str, params: Vec<LearnedParam>, statuses: Vec<u16>) -> DiscoveredApi {
        DiscoveredApi {
            rule_app_id: "app-1".into(),
            host: "*".into(),
            port: 80,
            tls: false,
            method: "GET".into(),
            path: path.into(),
            path_params: Vec::new(),
            query_params: params,
            statuses,
            content_types: vec!["text/html".into()],
        }
    }

    fn told() -> impl Strategy<Value = DiscoveredApi> {
        let kinds = [ParamType::Integer, ParamType::Number, ParamType::Boolean, ParamType::String];
        let params = subsequence(vec!["a", "b", "c"], 0..=3).prop_flat_map(move |names| {
            let of = |name: &'static str| {
                (select(kinds.to_vec()), any::<bool>()).prop_map(move |(kind, allow_empty_value)| {
                    LearnedParam { name: name.to_owned(), kind, allow_empty_value }
                })
            };
            names.into_iter().map(of).collect::<Vec<_>>()
        });
        (select(vec!["/a", "/b"]), params, subsequence(vec![200, 204, 302], 1..=3))
            .prop_map(|(path, params, statuses)| api(path, params, statuses))
    }

    fn kept(told: &[DiscoveredApi]) -> Vec<Value> {
        let mut store = Discovered::default();
        told.iter().for_each(|api| store.add(&["shop:1".into()], vec![api.clone()], Timestamp::UNIX_EPOCH));
        store.rows()
    }

    proptest! {
        #[test]
        fn order_and_repetition_do_not_matter(
            told in proptest::collection::vec(told(), 0..6).prop_shuffle(), again in any::<proptest::sample::Index>()
        ) {
            let mut other = told.clone();
            other.reverse();
            if !told.is_empty() {
                other.push(told[again.index(told.len())].clone());
            }
            prop_assert_eq!(kept(&told), kept(&other));
        }
    }

    #[test]
    fn images_are_apart_and_have_fewer_than_a_thousand() {
        let mut store = Discovered::default();
        let many = |from: usize| {
            (from..from + 1100).map(|at| api(&format!("/{at}"), Vec::new(), vec![200])).collect()
        };
        store.add(&["one".into()], many(0), Timestamp::UNIX_EPOCH);
        assert_eq!(store.rows().len(), 999);
        store.add(&["two".into()], vec![api("/0", Vec::new(), vec![200])], Timestamp::UNIX_EPOCH);
        assert_eq!(store.rows().len(), 1000);
    }
}
