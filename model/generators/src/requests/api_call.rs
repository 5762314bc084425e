//! A request that an API declares, or that is not quite as declared.

use super::ask::Ask;
use super::call::Call;
use proofhouse_model::requests::{Document, Given, Member, Spot};
use proofhouse_protocol::waas_policy::{ApiPath, Endpoint, Param, ParamLocation, ParamStyle, ParamType};

const WORDS: &[&str] = &["tea", "green", "north", "7"];

/// Segments that other paths begin with, or that the app answers in its own way: they are written as they are.
const KEPT: &[&str] = &["", "shop", "admin", "missing", "made"];

/// What is not as declared, where the declaration has such a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deviation {
    /// Nothing.
    None,
    /// A parameter that must be there is not.
    Missing,
    /// A number is one less than the least.
    Below,
    /// Or one more than the greatest.
    Above,
    /// A value is of another type.
    OtherType,
    /// A value is empty.
    Empty,
    /// A parameter comes twice, as declared.
    Twice,
    /// Of two values the second is not as declared.
    SecondWrong,
    /// Of two values the first is not as declared.
    FirstWrong,
    /// The last value of a list is not as declared.
    LastOfList,
    /// The query has one parameter more.
    Undeclared,
    /// The same, and a value is of another type.
    UndeclaredToo,
    /// The method is another one.
    OtherMethod,
    /// The path is longer.
    Longer,
    /// The path has a slash at its end.
    EndingSlash,
    /// The path has two slashes.
    TwoSlashes,
    /// A segment is written in capitals.
    OtherCase,
    /// A segment is written by numbers of bytes.
    Spelled,
}

impl Deviation {
    /// All but nothing.
    pub(crate) const ALL: [Self; 17] = [
        Self::Missing,
        Self::Below,
        Self::Above,
        Self::OtherType,
        Self::Empty,
        Self::Twice,
        Self::SecondWrong,
        Self::FirstWrong,
        Self::LastOfList,
        Self::Undeclared,
        Self::UndeclaredToo,
        Self::OtherMethod,
        Self::Longer,
        Self::EndingSlash,
        Self::TwoSlashes,
        Self::OtherCase,
        Self::Spelled,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::None => "as declared",
            Self::Missing => "without a parameter",
            Self::Below => "below the least",
            Self::Above => "above the greatest",
            Self::OtherType => "another type",
            Self::Empty => "empty",
            Self::Twice => "twice",
            Self::SecondWrong => "twice, the second wrong",
            Self::FirstWrong => "twice, the first wrong",
            Self::LastOfList => "the last of a list wrong",
            Self::Undeclared => "an undeclared parameter",
            Self::UndeclaredToo => "an undeclared parameter and a wrong one",
            Self::OtherMethod => "another method",
            Self::Longer => "a longer path",
            Self::EndingSlash => "a slash at the end",
            Self::TwoSlashes => "two slashes",
            Self::OtherCase => "a path in capitals",
            Self::Spelled => "a path by numbers",
        }
    }

    /// Whether it can be had of a parameter.
    fn suits(self, param: &Param) -> bool {
        let in_path = param.location == ParamLocation::Path;
        match self {
            Self::Missing => param.required && !in_path,
            Self::Below => is_numeric(param) && param.min.is_some(),
            Self::Above => is_numeric(param) && param.max.is_some(),
            Self::OtherType | Self::UndeclaredToo => has_other_type(param),
            Self::Empty | Self::Twice => !in_path,
            Self::SecondWrong | Self::FirstWrong => !in_path && has_other_type(param),
            Self::LastOfList => param.array && has_other_type(param),
            _ => false,
        }
    }
}

/// Draws small numbers from a large one.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let high = usize::try_from(self.0 >> 33).unwrap_or_default();
        high % limit.max(1)
    }

    fn of<'t, T>(&mut self, all: &'t [T]) -> Option<&'t T> {
        let at = self.below(all.len());
        all.get(at)
    }
}

/// A request for one of those resources at one of those endpoints.
pub(super) fn call(paths: &[ApiPath], endpoints: &[Endpoint], deviation: Deviation, number: u64) -> Ask {
    let mut dice = Dice(number);
    let all = || paths.iter().flat_map(|path| path.methods.iter().map(move |method| (path, method)));
    let mut operations: Vec<_> =
        all().filter(|(_, method)| method.parameters.iter().any(|one| deviation.suits(one))).collect();
    if operations.is_empty() {
        operations = all().collect();
    }
    let (Some(endpoint), Some((resource, method))) = (dice.of(endpoints), dice.of(&operations).copied())
    else {
        return Ask::plain();
    };
    let suiting: Vec<_> = method.parameters.iter().filter(|one| deviation.suits(one)).collect();
    let about = dice.of(&suiting).copied();
    let mut call = Call::default();
    let mut filled = Vec::new();
    for param in &method.parameters {
        let own = about.filter(|about| std::ptr::eq(*about, param)).map(|_| deviation);
        let values = values(param, own, &mut dice);
        if param.location == ParamLocation::Path {
            filled.push((param.name.as_str(), values.first().map(text).unwrap_or_default()));
        } else {
            values.into_iter().for_each(|value| put(&mut call, param, value));
        }
    }
    let mut changed = about.is_some();
    let base = endpoint.base_path.strip_suffix('*');
    let base = base.map(|base| base.trim_end_matches('/'));
    call.path = match base {
        Some(base) => format!("{base}{}", path_of(&resource.path, &filled, &mut dice)),
        None => endpoint.base_path.clone(),
    };
    if let Some(path) = other_path(&call.path, deviation) {
        (call.path, changed) = (path, true);
    }
    if matches!(deviation, Deviation::Undeclared | Deviation::UndeclaredToo) {
        call.query.push(("extra".to_owned(), "1".to_owned()));
        changed = true;
    }
    let known = method_word(&method.method);
    let method = if deviation == Deviation::OtherMethod {
        changed = true;
        let others: Vec<_> =
            ["GET", "DELETE", "OPTIONS", "PROPFIND"].into_iter().filter(|one| *one != known).collect();
        call.body = None;
        dice.of(&others).copied().unwrap_or(known)
    } else {
        known
    };
    call.what = if changed { deviation.word() } else { Deviation::None.word() };
    let host = match endpoint.host.as_str() {
        "a.example.site" => "a.example.site",
        "*.example.site" => "a.b.example.site",
        _ => "shop.example.com",
    };
    Ask { method, port: endpoint.exposed_port, host, call: Some(call), ..Ask::plain() }
}

fn method_word(method: &str) -> &'static str {
    let all = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];
    all.into_iter().find(|one| *one == method).unwrap_or("GET")
}

/// The resource with values in the place of its names.
fn path_of(resource: &str, filled: &[(&str, String)], dice: &mut Dice) -> String {
    let segments = resource.split('/').map(|segment| {
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let Some(name) = name else { return segment.to_owned() };
        let own = filled.iter().find(|(own, _)| *own == name).map(|(_, value)| value.clone());
        own.unwrap_or_else(|| dice.of(WORDS).copied().unwrap_or_default().to_owned())
    });
    segments.collect::<Vec<_>>().join("/")
}

/// The path in another way, where it can be written so that it is for the same endpoint.
fn other_path(path: &str, deviation: Deviation) -> Option<String> {
    let (before, last) = path.rsplit_once('/')?;
    let free = !KEPT.contains(&last);
    match deviation {
        Deviation::Longer => Some(format!("{}/more", path.trim_end_matches('/'))),
        Deviation::EndingSlash if free => Some(format!("{path}/")),
        Deviation::TwoSlashes if free && !before.is_empty() => Some(format!("{before}//{last}")),
        Deviation::OtherCase if free => Some(format!("{before}/{}", last.to_uppercase())),
        Deviation::Spelled if free => {
            let (first, rest) = last.split_at(1);
            Some(format!("{before}/%{:02X}{rest}", first.as_bytes()[0]))
        }
        _ => None,
    }
}

fn is_numeric(param: &Param) -> bool {
    matches!(param.kind, Some(ParamType::Integer | ParamType::Number))
}

/// Whether there are values of another type: of texts only in JSON.
fn has_other_type(param: &Param) -> bool {
    match param.kind {
        None => false,
        Some(ParamType::String) => param.location == ParamLocation::Json,
        Some(_) => true,
    }
}

/// All values of a parameter, with that about them.
fn values(param: &Param, deviation: Option<Deviation>, dice: &mut Dice) -> Vec<Given> {
    let fine = |dice: &mut Dice| written(param, &items(param, dice));
    let wrong = |dice: &mut Dice| written(param, &[other_type(param, dice)]);
    match deviation {
        None if !param.required && dice.below(4) == 0 => Vec::new(),
        Some(Deviation::Missing) => Vec::new(),
        Some(Deviation::Below) => written(param, &[number(param, param.min.unwrap_or_default() - 1.0)]),
        Some(Deviation::Above) => written(param, &[number(param, param.max.unwrap_or_default() + 1.0)]),
        Some(Deviation::OtherType | Deviation::UndeclaredToo) => wrong(dice),
        Some(Deviation::Empty) if param.location == ParamLocation::Json && dice.below(2) == 0 => {
            vec![Given::Null]
        }
        Some(Deviation::Empty) => vec![Given::Text(String::new())],
        Some(Deviation::Twice) => [fine(dice), fine(dice)].concat(),
        Some(Deviation::SecondWrong) => [fine(dice), wrong(dice)].concat(),
        Some(Deviation::FirstWrong) => [wrong(dice), fine(dice)].concat(),
        Some(Deviation::LastOfList) => {
            let last = other_type(param, dice);
            written(param, &[items(param, dice), vec![last]].concat())
        }
        _ => fine(dice),
    }
}

/// One value as declared, or up to three of a list.
fn items(param: &Param, dice: &mut Dice) -> Vec<Given> {
    let many = if param.array { 1 + dice.below(3) } else { 1 };
    (0..many).map(|_| as_declared(param, dice)).collect()
}

/// How values of a parameter are written: together, or each under its name.
fn written(param: &Param, items: &[Given]) -> Vec<Given> {
    if !param.array || param.explode {
        return items.to_vec();
    }
    if param.location == ParamLocation::Json {
        return vec![Given::List(items.to_vec())];
    }
    let between = match param.style {
        Some(ParamStyle::PipeDelimited) => "|",
        Some(ParamStyle::SpaceDelimited) => " ",
        Some(ParamStyle::TabDelimited) => "\t",
        _ if param.location == ParamLocation::Header => ", ",
        _ => ",",
    };
    vec![Given::Text(items.iter().map(text).collect::<Vec<_>>().join(between))]
}

fn as_declared(param: &Param, dice: &mut Dice) -> Given {
    let json = param.location == ParamLocation::Json;
    match param.kind {
        Some(ParamType::Integer | ParamType::Number) => {
            let low = param.min.or(param.max.map(|max| max - 5.0)).unwrap_or(0.0);
            let high = param.max.unwrap_or(low + 20.0);
            let middle = ((low + high) / 2.0).floor();
            let half = param.kind == Some(ParamType::Number) && middle < high;
            let between = if half { middle + 0.5 } else { middle };
            number(param, [low, high, between][dice.below(3)])
        }
        Some(ParamType::Boolean) => {
            let truth = dice.below(2) == 0;
            if json { Given::Truth(truth) } else { Given::Text(truth.to_string()) }
        }
        _ => Given::Text(dice.of(WORDS).copied().unwrap_or_default().to_owned()),
    }
}

fn other_type(param: &Param, dice: &mut Dice) -> Given {
    let json = param.location == ParamLocation::Json;
    let text = match param.kind {
        Some(ParamType::String) => return Given::Number("7".to_owned()),
        Some(ParamType::Integer) if json && dice.below(2) == 0 => return Given::Number("1.5".to_owned()),
        Some(ParamType::Integer) => ["1.5", "ten"][dice.below(2)],
        Some(ParamType::Boolean) => "perhaps",
        _ => "ten",
    };
    Given::Text(text.to_owned())
}

fn number(param: &Param, number: f64) -> Given {
    let written = number.to_string();
    if param.location == ParamLocation::Json { Given::Number(written) } else { Given::Text(written) }
}

fn text(given: &Given) -> String {
    match given {
        Given::Text(text) | Given::Number(text) => text.clone(),
        _ => String::new(),
    }
}

/// Puts a value where its parameter stands.
fn put(call: &mut Call, param: &Param, given: Given) {
    let name = param.name.clone();
    let kind = match param.location {
        ParamLocation::Query => {
            let written = text(&given).replace(' ', "%20").replace('|', "%7C").replace('\t', "%09");
            return call.query.push((name, written));
        }
        ParamLocation::Header => return call.headers.push((name, text(&given))),
        ParamLocation::Cookie => return call.cookies.push((name, text(&given))),
        ParamLocation::FormData => Spot::FormBody,
        ParamLocation::Multipart => Spot::MultipartBody,
        ParamLocation::Xml => Spot::XmlBody,
        _ => Spot::JsonBody,
    };
    let document = call.body.get_or_insert_with(|| Document { kind, members: Vec::new() });
    document.members.push(Member { name, given });
}
