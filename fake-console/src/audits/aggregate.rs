//! Aggregation of what people see (section 3.8 of `runtime-and-embed.md`, section 1.5 of `waas.md`).
//!
//! Runtime: more than five events of one type on one resource within 15 minutes open a window of 10 minutes; a
//! marker row opens it and a summary row closes it [AGG]. *Declared choices*: the resource is the container of an
//! app, the marker stands for the event that opened the window and the summary for those behind it, so that the
//! counts of all rows add up to the events; a window without further events has no summary.
//!
//! WAAS: equal audits less than five minutes apart are one row with a count [S13].

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};

const BURST: usize = 5;
const BURST_SPAN: SignedDuration = SignedDuration::from_mins(15);
const WINDOW: SignedDuration = SignedDuration::from_mins(10);
const EQUAL_SPAN: SignedDuration = SignedDuration::from_mins(5);

#[derive(Debug, Default)]
struct Burst {
    recent: VecDeque<Timestamp>,
    window: Option<Window>,
}

#[derive(Debug)]
struct Window {
    ends: Timestamp,
    count: u64,
    last: Option<Value>,
}

/// Turns runtime events into rows.
#[derive(Debug, Default)]
pub(super) struct RuntimeAggregator {
    bursts: HashMap<String, Burst>,
}

fn key(audit: &Value, members: &[&str]) -> String {
    Value::Array(members.iter().map(|member| audit[*member].clone()).collect()).to_string()
}

fn count(audit: &Value) -> u64 {
    audit["count"].as_u64().unwrap_or(1)
}

impl RuntimeAggregator {
    /// The rows that an event makes now, summaries of windows that have closed included.
    pub(super) fn event(&mut self, audit: Value, now: Timestamp) -> Vec<Value> {
        let mut rows = self.tick(now);
        let burst = self.bursts.entry(key(&audit, &["appID", "containerName", "attackType"])).or_default();
        if let Some(window) = &mut burst.window {
            window.count += count(&audit);
            window.last = Some(audit);
            return rows;
        }
        burst.recent.retain(|at| now.duration_since(*at) < BURST_SPAN);
        burst.recent.push_back(now);
        if burst.recent.len() > BURST {
            burst.recent.clear();
            burst.window = Some(Window {
                ends: now.saturating_add(WINDOW).unwrap_or(Timestamp::MAX),
                count: 0,
                last: None,
            });
            let mut marker = audit;
            marker["msg"] = json!(format!(
                "High rate of {} events, aggregation started; last event: {}",
                text(&marker, "attackType"),
                text(&marker, "msg")
            ));
            rows.push(marker);
        } else {
            rows.push(audit);
        }
        rows
    }

    /// Summaries of the windows that have closed by now.
    pub(super) fn tick(&mut self, now: Timestamp) -> Vec<Value> {
        let mut rows: Vec<(Timestamp, Value)> = Vec::new();
        for burst in self.bursts.values_mut() {
            if let Some(window) = burst.window.take_if(|window| window.ends <= now)
                && let Some(mut summary) = window.last
            {
                summary["msg"] = json!(format!(
                    "In the past 10 minutes there were {} {} events, the most recent event was: {}",
                    window.count,
                    text(&summary, "attackType"),
                    text(&summary, "msg")
                ));
                summary["count"] = json!(window.count);
                rows.push((window.ends, summary));
            }
        }
        rows.sort_by_key(|(ends, _)| *ends);
        rows.into_iter().map(|(_, row)| row).collect()
    }
}

fn text(audit: &Value, member: &str) -> String {
    audit[member].as_str().unwrap_or_default().to_owned()
}

/// Finds the row that an equal WAAS audit belongs to.
#[derive(Debug, Default)]
pub(super) struct FirewallAggregator {
    last: HashMap<String, (Timestamp, String)>,
}

impl FirewallAggregator {
    /// Id of the row that counts this audit too, if it is equal to one less than five minutes ago; otherwise the
    /// audit is a row of its own.
    pub(super) fn row_of(&mut self, audit: &Value, now: Timestamp) -> Option<String> {
        let key =
            key(audit, &["appID", "subnet", "requestHost", "urlPath", "method", "userAgentHeader", "type"]);
        let id = text(audit, "_id");
        match self.last.get_mut(&key) {
            Some((at, row)) if now.duration_since(*at) < EQUAL_SPAN => {
                *at = now;
                Some(row.clone())
            }
            _ => {
                self.last.insert(key, (now, id));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(minute * 60).unwrap()
    }

    fn event(n: usize) -> Value {
        json!({"appID": "a:1", "containerName": "c", "attackType": "explicitlyDeniedProcess", "msg": format!("m{n}"),
               "count": 1})
    }

    #[test]
    fn twenty_events_are_five_rows_a_marker_and_a_summary() {
        let mut aggregator = RuntimeAggregator::default();
        let mut rows: Vec<Value> = (1..=20).flat_map(|n| aggregator.event(event(n), at(0))).collect();
        assert_eq!(rows.len(), 6);
        let marker = rows[5]["msg"].as_str().unwrap();
        assert!(
            marker.starts_with("High rate of") && marker.ends_with("aggregation started; last event: m6")
        );
        assert!(aggregator.tick(at(9)).is_empty());
        rows.extend(aggregator.tick(at(10)));
        let summary = rows[6]["msg"].as_str().unwrap();
        assert!(summary.starts_with("In the past 10 minutes") && summary.contains("14"), "{summary}");
        assert!(summary.ends_with("most recent event was: m20"), "{summary}");
        assert_eq!(rows.iter().map(count).sum::<u64>(), 20);
        assert!(aggregator.tick(at(30)).is_empty());
    }

    #[test]
    fn slow_events_and_other_resources_are_left_alone() {
        let mut aggregator = RuntimeAggregator::default();
        for n in 0..12 {
            assert_eq!(aggregator.event(event(n), at(i64::try_from(n).unwrap() * 3)).len(), 1);
        }
        for n in 0..12 {
            let mut other = event(n);
            other["containerName"] = json!(format!("c{n}"));
            assert_eq!(
                aggregator.event(other, at(100)),
                [{
                    let mut other = event(n);
                    other["containerName"] = json!(format!("c{n}"));
                    other
                }]
            );
        }
    }

    #[test]
    fn after_a_window_the_next_event_is_a_row_again() {
        let mut aggregator = RuntimeAggregator::default();
        for n in 1..=8 {
            aggregator.event(event(n), at(0));
        }
        let rows = aggregator.event(event(9), at(11));
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0]["count"], 2);
        assert_eq!(rows[1]["msg"], "m9");
    }

    #[test]
    fn equal_firewall_audits_less_than_five_minutes_apart_are_one_row() {
        let mut aggregator = FirewallAggregator::default();
        let audit = |id: &str| json!({"_id": id, "subnet": "203.0.113.7", "urlPath": "/", "type": "sqli"});
        assert_eq!(aggregator.row_of(&audit("1"), at(0)), None);
        assert_eq!(aggregator.row_of(&audit("2"), at(4)), Some("1".to_owned()));
        assert_eq!(aggregator.row_of(&audit("3"), at(8)), Some("1".to_owned()));
        assert_eq!(aggregator.row_of(&audit("4"), at(13)), None);
        let mut other = audit("5");
        other["urlPath"] = json!("/other");
        assert_eq!(aggregator.row_of(&other, at(13)), None);
    }
}
