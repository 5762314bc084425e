//! Bodies of the API, and what is wrong with them (`reference/fargate.md` 3.5).
//!
//! As with the service itself, a body is first read as a whole (types), then judged member by member, and unknown members
//! are ignored.

use crate::outside::{Blackhole, Direction, Effect, Impairment, Subnet, Transport};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// What is wrong with a body; answered with 400.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadRequest {
    #[error("required request body is missing")]
    NoBody,
    #[error("{0}")]
    NotRead(String),
    #[error("required parameter {0} is missing")]
    Missing(&'static str),
    #[error("invalid value {value} for parameter {name}")]
    Invalid { value: String, name: &'static str },
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BlackholeBody {
    port: Option<u16>,
    protocol: Option<String>,
    traffic_type: Option<String>,
    sources_to_filter: Option<Vec<Option<String>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LatencyBody {
    delay_milliseconds: Option<u64>,
    jitter_milliseconds: Option<u64>,
    #[serde(flatten)]
    reach: Reach,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LossBody {
    loss_percent: Option<u64>,
    #[serde(flatten)]
    reach: Reach,
}

/// The members that latency and loss share.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Reach {
    sources: Option<Vec<Option<String>>>,
    sources_to_filter: Option<Vec<Option<String>>>,
    flows_percent: Option<u64>,
}

// ---------------------------------------------------------------------------------------------------------------------

/// A body of `network-blackhole-port`.
pub(super) fn blackhole(body: &[u8]) -> Result<Blackhole, BadRequest> {
    let body: BlackholeBody = read(body)?;
    let port = body.port.ok_or(BadRequest::Missing("Port"))?;
    let protocol = filled(body.protocol, "Protocol")?;
    let traffic_type = filled(body.traffic_type, "TrafficType")?;
    let transport = match protocol.as_str() {
        "tcp" => Transport::Tcp,
        "udp" => Transport::Udp,
        _ => return Err(BadRequest::Invalid { value: protocol, name: "Protocol" }),
    };
    let direction = match traffic_type.as_str() {
        "ingress" => Direction::Ingress,
        "egress" => Direction::Egress,
        _ => return Err(BadRequest::Invalid { value: traffic_type, name: "TrafficType" }),
    };
    let spared = subnets(body.sources_to_filter, "SourcesToFilter")?;
    Ok(Blackhole { direction, transport, port, spared })
}

/// A body of `network-latency`.
pub(super) fn latency(body: &[u8]) -> Result<Impairment, BadRequest> {
    let body: LatencyBody = read(body)?;
    let delay = body.delay_milliseconds.ok_or(BadRequest::Missing("DelayMilliseconds"))?;
    let jitter = body.jitter_milliseconds.ok_or(BadRequest::Missing("JitterMilliseconds"))?;
    if delay == 0 && jitter == 0 {
        return Err(BadRequest::Invalid { value: "0".to_owned(), name: "DelayMilliseconds" });
    }
    // Nobody waits for 49 days.
    let short = |milliseconds: u64| u32::try_from(milliseconds).unwrap_or(u32::MAX);
    body.reach.impairment(Effect::Delay { milliseconds: short(delay), jitter: short(jitter) })
}

/// A body of `network-packet-loss`.
pub(super) fn loss(body: &[u8]) -> Result<Impairment, BadRequest> {
    let body: LossBody = read(body)?;
    let percent = body.loss_percent.ok_or(BadRequest::Missing("LossPercent"))?;
    body.reach.impairment(Effect::Loss { percent: percentage(percent, "LossPercent")? })
}

impl Reach {
    fn impairment(self, effect: Effect) -> Result<Impairment, BadRequest> {
        if self.sources.as_ref().is_none_or(Vec::is_empty) {
            return Err(BadRequest::Missing("Sources"));
        }
        let sources = subnets(self.sources, "Sources")?;
        let spared = subnets(self.sources_to_filter, "SourcesToFilter")?;
        let flows_percent = percentage(self.flows_percent.unwrap_or(100), "FlowsPercent")?;
        Ok(Impairment { effect, sources, spared, flows_percent })
    }
}

/// The first JSON value of a body; what follows it is not looked at. `null` has no member.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, BadRequest> {
    let mut values = serde_json::Deserializer::from_slice(body).into_iter::<serde_json::Value>();
    let value = values.next().ok_or(BadRequest::NoBody)?;
    let value = value.map_err(|error| BadRequest::NotRead(error.to_string()))?;
    let value = if value.is_null() { serde_json::json!({}) } else { value };
    serde_json::from_value(value).map_err(|error| BadRequest::NotRead(error.to_string()))
}

fn filled(text: Option<String>, name: &'static str) -> Result<String, BadRequest> {
    text.filter(|text| !text.is_empty()).ok_or(BadRequest::Missing(name))
}

fn percentage(value: u64, name: &'static str) -> Result<u8, BadRequest> {
    let whole = u8::try_from(value).ok().filter(|percent| (1..=100).contains(percent));
    whole.ok_or_else(|| BadRequest::Invalid { value: value.to_string(), name })
}

/// Addresses and blocks. Those of IPv6 are in order, and fit no packet of a task that has IPv4 only.
fn subnets(texts: Option<Vec<Option<String>>>, name: &'static str) -> Result<Vec<Subnet>, BadRequest> {
    let mut subnets = Vec::new();
    for text in texts.into_iter().flatten() {
        let text = text.unwrap_or_default();
        match Subnet::parse(&text) {
            Ok(subnet) => subnets.extend(subnet),
            Err(_) => return Err(BadRequest::Invalid { value: text, name }),
        }
    }
    Ok(subnets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why<T: std::fmt::Debug>(read: Result<T, BadRequest>) -> String {
        read.unwrap_err().to_string()
    }

    #[test]
    fn a_black_hole_needs_port_protocol_and_direction() {
        let read = |body: &str| blackhole(body.as_bytes());
        let whole = r#"{"Port": 443, "Protocol": "tcp", "TrafficType": "egress", "SourcesToFilter": ["10.0.0.0/8", "::1"]}"#;
        let spared = vec![Subnet::parse("10.0.0.0/8").unwrap().unwrap()];
        let (direction, transport) = (Direction::Egress, Transport::Tcp);
        assert_eq!(read(whole), Ok(Blackhole { direction, transport, port: 443, spared }));
        for (body, text) in [
            ("", "required request body is missing"),
            ("null", "required parameter Port is missing"),
            ("{}", "required parameter Port is missing"),
            (r#"{"Port": null}"#, "required parameter Port is missing"),
            (r#"{"Port": 1}"#, "required parameter Protocol is missing"),
            (
                r#"{"Port": 1, "Protocol": "", "TrafficType": "egress"}"#,
                "required parameter Protocol is missing",
            ),
            (r#"{"Port": 1, "Protocol": "tcp"}"#, "required parameter TrafficType is missing"),
            (
                r#"{"Port": 1, "Protocol": "icmp", "TrafficType": "egress"}"#,
                "invalid value icmp for parameter Protocol",
            ),
            (
                r#"{"Port": 1, "Protocol": "tcp", "TrafficType": "both"}"#,
                "invalid value both for parameter TrafficType",
            ),
            (
                r#"{"Port": 1, "Protocol": "tcp", "TrafficType": "egress", "SourcesToFilter": ["here"]}"#,
                "invalid value here for parameter SourcesToFilter",
            ),
        ] {
            assert_eq!(why(read(body)), text, "{body}");
        }
        for body in [r#"{"Port": 65536}"#, r#"{"Port": "443"}"#, r#"{"Port": -1}"#, "{", "[]", "443"] {
            assert!(matches!(read(body), Err(BadRequest::NotRead(_))), "{body}");
        }
    }

    #[test]
    fn latency_needs_delay_jitter_and_sources() {
        let read = |body: &str| latency(body.as_bytes());
        let whole = r#"{"DelayMilliseconds": 200, "JitterMilliseconds": 20, "Sources": ["10.1.2.3"], "FlowsPercent": 5}"#;
        let impairment = read(whole).unwrap();
        assert_eq!(impairment.effect, Effect::Delay { milliseconds: 200, jitter: 20 });
        assert_eq!(impairment.sources, [Subnet::parse("10.1.2.3").unwrap().unwrap()]);
        assert_eq!(impairment.flows_percent, 5);
        for (body, text) in [
            ("", "required request body is missing"),
            (
                r#"{"JitterMilliseconds": 1, "Sources": ["10.1.2.3"]}"#,
                "required parameter DelayMilliseconds is missing",
            ),
            (
                r#"{"DelayMilliseconds": 1, "Sources": ["10.1.2.3"]}"#,
                "required parameter JitterMilliseconds is missing",
            ),
            (r#"{"DelayMilliseconds": 1, "JitterMilliseconds": 0}"#, "required parameter Sources is missing"),
            (
                r#"{"DelayMilliseconds": 1, "JitterMilliseconds": 0, "Sources": []}"#,
                "required parameter Sources is missing",
            ),
            (
                r#"{"DelayMilliseconds": 0, "JitterMilliseconds": 0, "Sources": ["10.1.2.3"]}"#,
                "invalid value 0 for parameter DelayMilliseconds",
            ),
            (
                r#"{"DelayMilliseconds": 1, "JitterMilliseconds": 0, "Sources": ["10.1.2.3/40"]}"#,
                "invalid value 10.1.2.3/40 for parameter Sources",
            ),
            (
                r#"{"DelayMilliseconds": 1, "JitterMilliseconds": 0, "Sources": ["10.1.2.3"], "FlowsPercent": 0}"#,
                "invalid value 0 for parameter FlowsPercent",
            ),
        ] {
            assert_eq!(why(read(body)), text, "{body}");
        }
        assert!(matches!(read(r#"{"DelayMilliseconds": -1}"#), Err(BadRequest::NotRead(_))));
    }

    #[test]
    fn loss_is_1_to_100_percent() {
        let read = |percent: &str| {
            loss(format!(r#"{{"LossPercent": {percent}, "Sources": ["0.0.0.0/0"]}}"#).as_bytes())
        };
        for percent in ["1", "100"] {
            assert!(read(percent).is_ok(), "{percent}");
        }
        for percent in ["0", "101", "400"] {
            assert_eq!(why(read(percent)), format!("invalid value {percent} for parameter LossPercent"));
        }
        assert_eq!(why(read("null")), "required parameter LossPercent is missing");
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_a_reader_fail(bytes: Vec<u8>) {
            let _ = (blackhole(&bytes), latency(&bytes), loss(&bytes));
        }
    }
}
