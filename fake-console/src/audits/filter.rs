//! Query parameters of the audit calls: filters, time bounds, order, pages.

use crate::policy::Refusal;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Most rows that a self-hosted Console gives at once; a larger limit is clamped (*declared choice*) [SPEC].
const MAX_LIMIT: usize = 250;
const DEFAULT_LIMIT: usize = 50;

/// Query parameter and the member it filters on. Others of the same name on both sides follow.
const RENAMED: [(&str, &str); 5] = [
    ("id", "_id"),
    ("profileID", "profileId"),
    ("container", "containerName"),
    ("containerID", "containerId"),
    ("ns", "namespace"),
];
const SAME: [&str; 37] = [
    "imageName",
    "containerName",
    "ruleName",
    "ruleAppID",
    "type",
    "effect",
    "user",
    "os",
    "namespace",
    "cluster",
    "attackType",
    "hostname",
    "msg",
    "interactive",
    "function",
    "runtime",
    "attackTechniques",
    "app",
    "processPath",
    "requestID",
    "functionID",
    "appID",
    "time",
    "subnet",
    "connectingIPs",
    "country",
    "userAgentHeader",
    "url",
    "requestHost",
    "urlPath",
    "urlQuery",
    "method",
    "protection",
    "eventID",
    "requestHeaderNames",
    "category",
    "acknowledged",
];

/// The query of one call, decoded, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Query(pub(crate) Vec<(String, String)>);

impl Query {
    /// Last value of a parameter.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of an array parameter: repeated, comma-separated, or one with a comma in it.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let values =
            self.0.iter().filter(|(key, value)| key == name && !value.is_empty()).map(|(_, v)| v.as_str());
        values
            .flat_map(|value| {
                std::iter::once(value)
                    .chain(value.split(',').filter(move |part| *part != value && !part.is_empty()))
            })
            .collect()
    }

    /// A boolean; absent and empty are `None`.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.one(name) {
            None | Some("") => Ok(None),
            Some("true" | "1") => Ok(Some(true)),
            Some("false" | "0") => Ok(Some(false)),
            Some(other) => {
                Err(Refusal::bad(format!("query parameter {name} is '{other}': use true or false")))
            }
        }
    }

    fn number(&self, name: &str) -> Result<Option<usize>, Refusal> {
        match self.one(name) {
            None | Some("") => Ok(None),
            Some(text) => text
                .parse()
                .map(Some)
                .map_err(|_| Refusal::bad(format!("query parameter {name} is '{text}': give a number"))),
        }
    }

    fn time(&self, name: &str) -> Result<Option<Timestamp>, Refusal> {
        match self.one(name) {
            None | Some("") => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| {
                Refusal::bad(format!(
                    "query parameter {name} is '{text}': give a time such as 2026-01-02T03:04:05Z"
                ))
            }),
        }
    }

    /// The rows that the filters and time bounds leave, in the order asked for.
    ///
    /// Without `sort`, rows stand in the order of their arrival (*declared choice*).
    pub(crate) fn select(&self, mut rows: Vec<Value>) -> Result<Vec<Value>, Refusal> {
        let (from, to) = (self.time("from")?, self.time("to")?);
        let filters: Vec<(&str, Vec<&str>)> = RENAMED
            .into_iter()
            .chain(SAME.into_iter().map(|name| (name, name)))
            .map(|(parameter, member)| (member, self.all(parameter)))
            .filter(|(_, values)| !values.is_empty())
            .collect();
        rows.retain(|row| {
            within(row, from, to) && filters.iter().all(|(member, values)| has_one(&row[*member], values))
        });
        if let Some(member) = self.one("sort").filter(|member| !member.is_empty()) {
            rows.sort_by(|a, b| compare(&a[member], &b[member]));
        }
        if self.flag("reverse")? == Some(true) {
            rows.reverse();
        }
        Ok(rows)
    }
}

fn within(row: &Value, from: Option<Timestamp>, to: Option<Timestamp>) -> bool {
    let Some(time) = row["time"].as_str().and_then(|time| time.parse::<Timestamp>().ok()) else {
        return from.is_none() && to.is_none();
    };
    from.is_none_or(|from| time >= from) && to.is_none_or(|to| time <= to)
}

fn has_one(member: &Value, wanted: &[&str]) -> bool {
    match member {
        Value::String(text) => wanted.contains(&text.as_str()),
        Value::Array(items) => items.iter().any(|item| has_one(item, wanted)),
        Value::Null => false,
        other => wanted.contains(&other.to_string().as_str()),
    }
}

fn compare(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(std::cmp::Ordering::Equal)
        }
        (Value::String(a), Value::String(b)) => match (a.parse::<Timestamp>(), b.parse::<Timestamp>()) {
            (Ok(a), Ok(b)) => a.cmp(&b),
            _ => a.cmp(b),
        },
        (a, b) => a.to_string().cmp(&b.to_string()),
    }
}

/// One page of rows, with only the members that `fields` names.
pub(crate) fn page_of(query: &Query, rows: Vec<Value>) -> Result<Vec<Value>, Refusal> {
    let offset = query.number("offset")?.unwrap_or(0);
    let limit = match query.number("limit")? {
        None | Some(0) => DEFAULT_LIMIT,
        Some(limit) => limit.min(MAX_LIMIT),
    };
    let fields = query.all("fields");
    Ok(rows
        .into_iter()
        .skip(offset)
        .take(limit)
        .map(|row| match row {
            Value::Object(members) if !fields.is_empty() => Value::Object(
                members
                    .into_iter()
                    .filter(|(name, _)| fields.contains(&name.as_str()))
                    .collect::<Map<_, _>>(),
            ),
            row => row,
        })
        .collect())
}

/// Counts per slice of time: `from`, `to` and `buckets` (1 to 100) are needed (section 1.1 of `waas.md`).
pub(crate) fn timeslice(query: &Query, rows: Vec<Value>) -> Result<Value, Refusal> {
    let (Some(from), Some(to)) = (query.time("from")?, query.time("to")?) else {
        return Err(Refusal::bad("missing `to` and/or `from` parameters"));
    };
    let buckets = match query.number("buckets")? {
        Some(buckets @ 1..=100) if from < to => buckets,
        Some(1..=100) => return Err(Refusal::bad("query parameter from must be before to")),
        _ => return Err(Refusal::bad("query parameter buckets must be 1 to 100")),
    };
    let rows = query.select(rows)?;
    let span = to.as_nanosecond() - from.as_nanosecond();
    let edge = |index: usize| {
        let offset = span * i128::try_from(index).unwrap_or(0) / i128::try_from(buckets).unwrap_or(1);
        Timestamp::from_nanosecond(from.as_nanosecond() + offset).unwrap_or(to)
    };
    let slices = (0..buckets).map(|index| {
        let (start, end) = (edge(index), edge(index + 1));
        let last = index + 1 == buckets;
        let count = rows
            .iter()
            .filter_map(|row| row["time"].as_str().and_then(|time| time.parse::<Timestamp>().ok()))
            .filter(|time| *time >= start && (*time < end || last))
            .count();
        json!({"start": start.to_string(), "end": end.to_string(), "count": count})
    });
    Ok(Value::Array(slices.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Query {
        Query(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    fn rows() -> Vec<Value> {
        (0..4)
            .map(|n| {
                json!({"_id": n.to_string(), "time": format!("2026-01-01T00:0{n}:00Z"), "ruleName": format!("r, {}", n % 2),
                       "effect": if n == 0 { "alert" } else { "prevent" }, "containerName": format!("c{n}"),
                       "attackTechniques": ["x", format!("t{n}")], "count": 10 - n})
            })
            .collect()
    }

    fn ids(pairs: &[(&str, &str)]) -> Vec<String> {
        let query = query(pairs);
        page_of(&query, query.select(rows()).unwrap())
            .unwrap()
            .iter()
            .map(|row| row["_id"].as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn each_filter_narrows_the_result() {
        assert_eq!(ids(&[]), ["0", "1", "2", "3"]);
        assert_eq!(ids(&[("effect", "prevent")]), ["1", "2", "3"]);
        assert_eq!(ids(&[("container", "c1,c3")]), ["1", "3"]);
        assert_eq!(ids(&[("container", "c1"), ("container", "c2")]), ["1", "2"]);
        assert_eq!(ids(&[("ruleName", "r, 0")]), ["0", "2"]);
        assert_eq!(ids(&[("effect", "prevent"), ("ruleName", "r, 0")]), ["2"]);
        assert_eq!(ids(&[("attackTechniques", "t2")]), ["2"]);
        assert_eq!(ids(&[("from", "2026-01-01T00:01:00Z"), ("to", "2026-01-01T00:02:00Z")]), ["1", "2"]);
        assert_eq!(ids(&[("unheardOf", "x")]), ["0", "1", "2", "3"]);
        assert!(ids(&[("appID", "x")]).is_empty());
    }

    #[test]
    fn pages_and_order() {
        assert_eq!(ids(&[("offset", "1"), ("limit", "2")]), ["1", "2"]);
        assert_eq!(ids(&[("reverse", "true"), ("limit", "1")]), ["3"]);
        assert_eq!(ids(&[("sort", "count")]), ["3", "2", "1", "0"]);
        assert_eq!(ids(&[("sort", "time"), ("reverse", "true")]), ["3", "2", "1", "0"]);
        for (name, value) in [("limit", "x"), ("offset", "-1")] {
            assert_eq!(page_of(&query(&[(name, value)]), rows()).unwrap_err().status, 400);
        }
        for (name, value) in [("from", "yesterday"), ("reverse", "maybe")] {
            assert_eq!(query(&[(name, value)]).select(rows()).unwrap_err().status, 400);
        }
        let many: Vec<Value> = (0..300).map(|n| json!({"_id": n})).collect();
        assert_eq!(page_of(&query(&[("limit", "1000")]), many.clone()).unwrap().len(), 250);
        assert_eq!(page_of(&query(&[]), many).unwrap().len(), 50);
    }

    #[test]
    fn fields_choose_members() {
        let page = page_of(&query(&[("fields", "_id,effect")]), rows()).unwrap();
        assert_eq!(page[0], json!({"_id": "0", "effect": "alert"}));
    }

    #[test]
    fn slices_count_every_row_once() {
        let slices = timeslice(
            &query(&[("from", "2026-01-01T00:00:00Z"), ("to", "2026-01-01T00:03:00Z"), ("buckets", "2")]),
            rows(),
        )
        .unwrap();
        assert_eq!(slices[0]["count"], 2);
        assert_eq!(slices[1]["count"], 2);
        assert_eq!(slices[0]["end"], "2026-01-01T00:01:30Z");
        let error = timeslice(&query(&[("buckets", "2")]), rows()).unwrap_err().message;
        assert_eq!(error, "missing `to` and/or `from` parameters");
        let bounds = [("from", "2026-01-01T00:00:00Z"), ("to", "2026-01-01T00:03:00Z"), ("buckets", "101")];
        assert_eq!(timeslice(&query(&bounds), rows()).unwrap_err().status, 400);
    }
}
