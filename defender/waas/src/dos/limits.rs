//! How much a client may send to an app.
//!
//! Declared choices: a rate is exceeded when there were more requests in its window than the rate times its length; a client that goes
//! on is told of every five seconds; a request that an earlier protection blocks does not count, nor does one of a banned
//! client.

use super::floods::Sent;
use crate::access::Networks;
use crate::client_address::Client;
use crate::finding::Finding;
use crate::policy::path_readings;
use hyper::{Method, StatusCode};
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::waas_policy::{CodeRange, DosConfig, DosMatchCondition, DosRates, NetworkList};

/// The limits of an app.
#[derive(Debug)]
pub(crate) struct Limits {
    alert: DosRates,
    ban: DosRates,
    conditions: Vec<DosMatchCondition>,
    excluded: Networks,
    pub(crate) by_session: bool,
}

impl Limits {
    /// `None` if the app has none.
    pub(crate) fn of(config: &DosConfig, lists: &[NetworkList]) -> Option<Self> {
        config.enabled.then(|| Self {
            alert: config.alert,
            ban: config.ban,
            conditions: config.match_conditions.clone(),
            excluded: Networks::of(&config.excluded_network_lists, lists),
            by_session: config.track_session,
        })
    }

    /// Whether it takes the answer to know if a request counts.
    pub(crate) fn wait_for_answer(&self) -> bool {
        self.conditions.iter().any(|condition| !condition.response_code_ranges.is_empty())
    }

    /// Whether a request counts; `status` is that of its answer, if it is there.
    pub(crate) fn counts(
        &self,
        client: &Client,
        method: &Method,
        path: &str,
        status: Option<StatusCode>,
    ) -> bool {
        !self.excluded.has(client.address)
            && (self.conditions.is_empty()
                || self.conditions.iter().any(|condition| meets(condition, method, path, status)))
    }

    /// What becomes of a client that sent so much.
    pub(crate) fn judge(&self, sent: Sent) -> Option<Finding> {
        let levels = [(WaasEffect::Ban, self.ban), (WaasEffect::Alert, self.alert)];
        levels.into_iter().find_map(|(effect, rates)| {
            let windows = [(rates.burst, sent.burst, 5), (rates.average, sent.average, 120)];
            let (rate, sent, seconds) = windows.into_iter().find_map(|(rate, sent, seconds)| {
                let rate = rate.filter(|rate| *rate > 0)?;
                (sent > u64::from(rate) * seconds).then_some((rate, sent, seconds))
            })?;
            let message =
                format!("Client sent {sent} requests within {seconds}s, above the rate of {rate}/s");
            Some(Finding { protection: "dos", ..Finding::firewall("dos", effect, message) })
        })
    }
}

fn meets(condition: &DosMatchCondition, method: &Method, path: &str, status: Option<StatusCode>) -> bool {
    let by_method = condition.methods.is_empty()
        || condition.methods.iter().any(|wanted| wanted.eq_ignore_ascii_case(method.as_str()));
    let by_type = condition.file_types.is_empty()
        || path_readings(path).iter().any(|reading| {
            let file = reading.rsplit('/').next().unwrap_or_default();
            condition.file_types.iter().any(|kind| file.ends_with(&kind.to_ascii_lowercase()))
        });
    let ranges = &condition.response_code_ranges;
    let by_status = ranges.is_empty()
        || status.is_some_and(|status| ranges.iter().any(|range| has(range, status.as_u16())));
    by_method && by_type && by_status
}

fn has(range: &CodeRange, status: u16) -> bool {
    let end = range.end.filter(|end| *end > 0).unwrap_or(range.start);
    (range.start..=end).contains(&status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::net::IpAddr;

    fn limits(mut config: Value) -> Limits {
        config["enabled"] = json!(true);
        let lists =
            [serde_json::from_value(json!({"name": "office", "subnets": ["203.0.113.0/24"]})).unwrap()];
        Limits::of(&serde_json::from_value(config).unwrap(), &lists).unwrap()
    }

    #[test]
    fn a_rate_is_exceeded_by_one_request_more() {
        let both = limits(json!({"alert": {"burst": 2, "average": 1}, "ban": {"burst": 4}}));
        let effect = |burst, average| both.judge(Sent { burst, average }).map(|found| found.effect);
        assert_eq!(effect(10, 120), None);
        assert_eq!(effect(11, 11), Some(WaasEffect::Alert));
        assert_eq!(effect(1, 121), Some(WaasEffect::Alert));
        assert_eq!(effect(21, 21), Some(WaasEffect::Ban));
        let none = limits(json!({"alert": {"burst": 0}}));
        assert_eq!(none.judge(Sent { burst: 1000, average: 1000 }), None);
    }

    #[test]
    fn conditions_say_what_counts() {
        let client = |last| Client {
            address: IpAddr::from([203, 0, last, 7]),
            chain: Vec::new(),
            origin: Default::default(),
        };
        let some = limits(json!({"excludedNetworkLists": ["office"], "matchConditions": [
            {"methods": ["POST"], "fileTypes": [".php"]},
            {"responseCodeRanges": [{"start": 404}, {"start": 500, "end": 599}]}]}));
        let counts = |method: &str, path: &str, status: u16| {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            some.counts(&client(1), &method, path, StatusCode::from_u16(status).ok())
        };
        for (method, path, status) in [
            ("POST", "/login.php", 200),
            ("POST", "/a/LOGIN.PHP", 200),
            ("POST", "/login.ph%70", 200),
            ("GET", "/", 404),
            ("GET", "/", 503),
        ] {
            assert!(counts(method, path, status), "{method} {path} {status}");
        }
        for (method, path, status) in [
            ("GET", "/login.php", 200),
            ("POST", "/login.phps", 200),
            ("POST", "/.php/x", 200),
            ("GET", "/", 403),
        ] {
            assert!(!counts(method, path, status), "{method} {path} {status}");
        }
        assert!(some.wait_for_answer() && !limits(json!({})).wait_for_answer());
        assert!(!some.counts(&client(113), &Method::GET, "/", Some(StatusCode::NOT_FOUND)));
        assert!(limits(json!({})).counts(&client(113), &Method::GET, "/", None));
    }
}
