//! Custom rules about what is asked for, or nearly: each is put together from what one request has.

use super::facts::{Fact, facts};
use super::visit::Visit;
use proofhouse_model::requests::{Among, Expression, Meanings, Relation, Sent, Step, Subject, Test};
use proofhouse_protocol::waas_policy::{CustomRuleRef, WaasPolicy};
use proofhouse_protocol::{CustomRule, WaasEffect};
use proptest::prelude::*;
use serde_json::Map;

/// Rules that there are at most under a policy.
const MOST: usize = 4;

/// Texts longer than this are not compared.
const LONGEST: usize = 60;

/// The shortest part of a text that is looked for: shorter ones are in what nobody made up.
const SHORTEST: usize = 4;

/// Custom rules, with what they mean, and which of them each app attaches with which effect.
#[derive(Debug, Clone)]
pub(crate) struct Customs {
    rules: Vec<(CustomRule, Expression)>,
    attached: Vec<Vec<(usize, WaasEffect)>>,
}

impl Customs {
    /// Attaches them to the apps of a policy, under numbers from that one on; what their scripts mean.
    pub(crate) fn attach(self, firewall: &mut WaasPolicy, first: u64) -> Meanings {
        let number = |at: usize| first + u64::try_from(at).unwrap_or_default();
        let apps = firewall.rules.iter_mut().flat_map(|rule| &mut rule.applications_spec);
        for (app, attached) in apps.zip(self.attached) {
            let own = attached.into_iter().filter(|(at, _)| *at < self.rules.len());
            let as_audit =
                |(at, effect)| CustomRuleRef { id: number(at), action: "audit".to_owned(), effect };
            app.custom_rules = own.map(as_audit).collect();
        }
        let mut meanings = Meanings::new();
        for (at, (mut rule, meaning)) in self.rules.into_iter().enumerate() {
            rule.id = number(at);
            rule.name = format!("custom {}", number(at));
            meanings.insert(rule.script.clone(), meaning);
            firewall.custom_rules.push(rule);
        }
        meanings
    }
}

/// Custom rules about those visits, for so many apps.
pub(crate) fn customs(visits: &[&Visit], apps: usize) -> BoxedStrategy<Customs> {
    let asked: Vec<Sent> = visits.iter().flat_map(|visit| visit.sent().collect::<Vec<_>>()).collect();
    let all: Vec<Vec<Fact>> =
        asked.iter().map(facts).filter(|facts: &Vec<Fact>| facts.iter().any(|fact| fact.is_own)).collect();
    if all.is_empty() {
        return Just(Customs { rules: Vec::new(), attached: Vec::new() }).boxed();
    }
    let attached = prop::collection::vec(prop::collection::vec((0..MOST, effect()), 1..=MOST), apps);
    (prop::collection::vec(rule(all), 2..=MOST), attached)
        .prop_map(|(rules, mut attached)| {
            for own in &mut attached {
                own.sort_by_key(|(at, _)| *at);
                own.dedup_by_key(|(at, _)| *at);
            }
            Customs { rules, attached }
        })
        .boxed()
}

fn effect() -> impl Strategy<Value = WaasEffect> {
    prop_oneof![
        1 => Just(WaasEffect::Disable),
        2 => Just(WaasEffect::Allow),
        4 => Just(WaasEffect::Alert),
        4 => Just(WaasEffect::Prevent),
        1 => Just(WaasEffect::Ban),
    ]
}

fn rule(all: Vec<Vec<Fact>>) -> impl Strategy<Value = (CustomRule, Expression)> {
    const MESSAGES: &[&str] = &["seen", "%req.http_method of %req.path by %req.ip"];
    let of = |kind: &'static str, expression: Expression, message: String| {
        let script = expression.to_string();
        let rule = CustomRule {
            id: 0,
            name: String::new(),
            kind: kind.to_owned(),
            script,
            message,
            extra: Map::new(),
        };
        (rule, expression)
    };
    let meaning = expression(all).boxed();
    let request = (meaning.clone(), prop::sample::select(MESSAGES))
        .prop_map(move |(expression, message)| of("waas-request", expression, message.to_owned()));
    let answer = (meaning, status()).prop_map(move |(expression, status)| {
        let both = Expression::All(vec![status, expression]);
        of("waas-response", both, "answered %resp.status_code to %req.ip".to_owned())
    });
    prop_oneof![4 => request, 1 => answer]
}

fn status() -> impl Strategy<Value = Expression> {
    let relations = [
        Relation::Equal,
        Relation::Other,
        Relation::Less,
        Relation::AtMost,
        Relation::More,
        Relation::AtLeast,
    ];
    (prop::sample::select(relations.to_vec()), prop::sample::select(vec![200, 201, 202, 403, 404]))
        .prop_map(|(relation, status)| Expression::Status(relation, status))
}

/// Something of one request's own, and perhaps more of it, or of another one.
fn expression(all: Vec<Vec<Fact>>) -> impl Strategy<Value = Expression> {
    let own = |facts: &Vec<Fact>| facts.iter().filter(|fact| fact.is_own).cloned().collect::<Vec<_>>();
    let of_one = prop::sample::select(all.clone()).prop_flat_map(move |facts| {
        let first = comparison(own(&facts));
        let more = prop_oneof![
            4 => comparison(facts.clone()),
            1 => client(),
            1 => comparison(facts.clone()).prop_map(|one| Expression::Not(Box::new(one))),
            1 => prop::collection::vec(comparison(facts), 2).prop_map(Expression::Any),
        ];
        (first, prop::collection::vec(more, 0..3)).prop_map(|(first, more)| {
            if more.is_empty() { first } else { Expression::All([vec![first], more].concat()) }
        })
    });
    let of_two = prop::collection::vec(of_one.clone(), 2).prop_map(Expression::Any);
    prop_oneof![4 => of_one, 1 => of_two]
}

/// The clients of a group, or not quite.
fn client() -> impl Strategy<Value = Expression> {
    let blocks = |group: u8| {
        let third = group * 32;
        [(18, third), (18, third + 128), (19, third), (19, third + 128)]
            .map(|(second, third)| format!("198.{second}.{third}.0/19"))
            .to_vec()
    };
    prop_oneof![
        4 => (0..4_u8).prop_map(move |group| Expression::Client(Among::In(blocks(group)))),
        1 => Just(Expression::Client(Among::IsNot("203.0.113.250".to_owned()))),
    ]
}

/// A test that a fact passes, or nearly.
fn comparison(facts: Vec<Fact>) -> impl Strategy<Value = Expression> {
    const STEPS: [Step; 7] = [
        Step::Lowercase,
        Step::CompressWhitespace,
        Step::RemoveWhitespace,
        Step::UrlQueryDecode,
        Step::UrlPathDecode,
        Step::HtmlEntityDecode,
        Step::Base64Decode,
    ];
    let steps = prop_oneof![
        3 => Just(Vec::new()),
        2 => prop::collection::vec(prop::sample::select(STEPS.to_vec()), 1..3),
    ];
    let others: Vec<String> = facts.iter().map(|fact| fact.text.clone()).collect();
    let ways = (0..7_u8, 0..9_u8, 0..LONGEST, 0..LONGEST);
    (prop::sample::select(facts), steps, ways, prop::sample::select(others)).prop_map(
        |(Fact { of, text, .. }, steps, (test, way, from, length), other)| {
            let (steps, text) = stepped(&of, steps, text);
            let text = nearly(&text, way);
            let part = part(&text, from, length);
            let begin: String = text.chars().take(SHORTEST + length).collect();
            let test = match test {
                0 | 1 => Test::Equals(text),
                2 if of.is_list() => Test::Contains(text),
                2 => Test::Contains(part),
                3 if !of.is_list() => Test::StartsWith(begin),
                4 if of != Subject::HeaderNames => Test::Matches(pattern(&text, &part, of.is_list(), way)),
                5 => Test::Differs(text),
                _ => Test::In(vec![other, text]),
            };
            Expression::Text { of, steps, test }
        },
    )
}

/// The steps of which it is known what they make of the text, and what that is.
fn stepped(of: &Subject, steps: Vec<Step>, text: String) -> (Vec<Step>, String) {
    let (mut kept, mut made) = (Vec::new(), text);
    for step in steps {
        match step.made(&made) {
            Some(next) if *of != Subject::HeaderNames && next.is_ascii() && !next.is_empty() => {
                kept.push(step);
                made = next;
            }
            _ => {}
        }
    }
    (kept, made)
}

/// The text, in five of nine cases, or something beside it.
fn nearly(text: &str, way: u8) -> String {
    let letters = text.chars().count();
    match way {
        0..=4 => text.to_owned(),
        5 => text.to_uppercase(),
        6 => format!("{text}x"),
        7 if letters > SHORTEST => text.chars().take(letters - 1).collect(),
        _ if letters > SHORTEST => text.chars().skip(1).collect(),
        _ => format!("x{text}"),
    }
}

fn part(text: &str, from: usize, length: usize) -> String {
    let last = text.chars().count().saturating_sub(SHORTEST);
    text.chars().skip(from.min(last)).take(SHORTEST + length).collect()
}

/// A regular expression of a text, or of a part of it; of one of a list as a whole, which may have texts that nobody made up.
fn pattern(text: &str, part: &str, whole: bool, way: u8) -> String {
    let escaped = |text: &str| {
        let special = |c: char| "\\.+*?()|[]{}^$".contains(c);
        text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect::<String>()
    };
    let case = if way.is_multiple_of(2) { "(?i)" } else { "" };
    match way {
        _ if whole => format!("{case}^{}$", escaped(text)),
        0..=2 => format!("{case}^{}", escaped(text)),
        3 | 4 => format!("{case}{}$", escaped(text)),
        _ => format!("{case}{}", escaped(part)),
    }
}
