//! Whether a value is of its type, and within its bounds.

use super::document::Given;
use proofhouse_protocol::waas_policy::{Param, ParamType};

/// What is thought of something that is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// It is as declared.
    Fine,
    /// It is not, by that clause.
    Wrong(&'static str),
    /// Nobody says.
    Unclear,
}

impl Fit {
    /// Of several things: one that is wrong is enough.
    pub(super) fn of_all(all: impl IntoIterator<Item = Self>) -> Self {
        let mut worst = Self::Fine;
        for one in all {
            match one {
                Self::Wrong(_) => return one,
                Self::Unclear => worst = Self::Unclear,
                Self::Fine => {}
            }
        }
        worst
    }
}

const EMPTY: Fit = Fit::Wrong("request.api-empty");
const OTHER_TYPE: Fit = Fit::Wrong("request.api-type");

/// W64: a value that is written as text.
pub(super) fn of_text(param: &Param, text: &str) -> Fit {
    if text.is_empty() {
        return if param.allow_empty_value { Fit::Fine } else { EMPTY };
    }
    match param.kind {
        None | Some(ParamType::String) => Fit::Fine,
        Some(ParamType::Integer) => of_number(param, text, true),
        Some(ParamType::Number) => of_number(param, text, false),
        Some(ParamType::Boolean) => match text {
            "true" | "false" => Fit::Fine,
            _ if ["true", "false", "1", "0"].contains(&text.to_lowercase().as_str()) => Fit::Unclear,
            _ => OTHER_TYPE,
        },
        // How a list or an object is written in one text is not documented.
        Some(ParamType::Array | ParamType::Object) => Fit::Unclear,
    }
}

/// W64: a value of JSON. `null` counts as empty (choice).
pub(super) fn of_json(param: &Param, given: &Given) -> Fit {
    match (given, param.kind) {
        (Given::Null, _) if param.allow_empty_value => Fit::Fine,
        (Given::Null, kind) => kind.map_or(Fit::Fine, |_| EMPTY),
        (_, None)
        | (Given::Truth(_), Some(ParamType::Boolean))
        | (Given::List(_), Some(ParamType::Array))
        | (Given::Members, Some(ParamType::Object)) => Fit::Fine,
        (Given::Text(text), _) if text.is_empty() && param.allow_empty_value => Fit::Fine,
        (Given::Text(text), Some(ParamType::String)) if text.is_empty() => EMPTY,
        (Given::Text(_), Some(ParamType::String)) => Fit::Fine,
        (Given::Number(number), Some(ParamType::Integer)) => of_number(param, number, true),
        (Given::Number(number), Some(ParamType::Number)) => of_number(param, number, false),
        _ => OTHER_TYPE,
    }
}

/// Digits, perhaps a minus before them and a fraction behind them. Other ways to write numbers are for nobody to say.
fn of_number(param: &Param, text: &str, whole: bool) -> Fit {
    let Ok(number) = text.parse::<f64>() else { return OTHER_TYPE };
    if whole && number.fract() != 0.0 {
        return OTHER_TYPE;
    }
    let (before, behind) =
        text.split_once('.').map_or((text, None), |(before, behind)| (before, Some(behind)));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let bare = before.strip_prefix('-').unwrap_or(before);
    let is_usual = digits(bare) && (bare == "0" || !bare.starts_with('0')) && behind.is_none_or(digits);
    if !is_usual || whole && behind.is_some() {
        return Fit::Unclear;
    }
    let low = param.min.is_some_and(|min| number < min);
    let high = param.max.is_some_and(|max| number > max);
    if low || high { Fit::Wrong("request.api-bounds") } else { Fit::Fine }
}
