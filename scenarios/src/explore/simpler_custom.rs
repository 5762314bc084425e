//! Custom rules, one step simpler.

use super::shrink::without_each;
use proofhouse_generators::Batch;
use proofhouse_model::requests::{Expression, Test};
use std::collections::BTreeSet;

/// All batches of which the custom rules are simpler, the boldest steps first.
pub(super) fn simpler_customs(batch: &Batch) -> Vec<Batch> {
    let Some(firewall) = &batch.firewall else { return Vec::new() };
    let apps = firewall.rules.iter().flat_map(|rule| &rule.applications_spec);
    let attached: BTreeSet<u64> = apps.flat_map(|app| &app.custom_rules).map(|one| one.id).collect();
    let mut all = Vec::new();
    let idle = firewall.custom_rules.iter().any(|rule| !attached.contains(&rule.id));
    if idle {
        let mut next = batch.clone();
        if let Some(firewall) = &mut next.firewall {
            firewall.custom_rules.retain(|rule| attached.contains(&rule.id));
        }
        all.push(next);
    }
    for (at, rule) in firewall.custom_rules.iter().enumerate() {
        let Some(meaning) = batch.meanings.get(&rule.script) else { continue };
        for simpler in simpler_expressions(meaning) {
            let mut next = batch.clone();
            let script = simpler.to_string();
            next.meanings.insert(script.clone(), simpler);
            if let Some(firewall) = &mut next.firewall {
                firewall.custom_rules[at].script = script;
            }
            all.push(next);
        }
    }
    all
}

fn simpler_expressions(expression: &Expression) -> Vec<Expression> {
    match expression {
        Expression::Any(all) => simpler_several(all, Expression::Any),
        Expression::All(all) => simpler_several(all, Expression::All),
        Expression::Not(inner) => {
            simpler_expressions(inner).into_iter().map(|one| Expression::Not(Box::new(one))).collect()
        }
        Expression::Text { of, steps, test } => {
            let with = |steps: Vec<_>, test: Test| Expression::Text { of: of.clone(), steps, test };
            let fewer = without_each(steps).map(|steps| with(steps, test.clone()));
            let texts = if let Test::In(texts) = test { texts.clone() } else { Vec::new() };
            let one = without_each(&texts).filter(|left| !left.is_empty());
            fewer.chain(one.map(|left| with(steps.clone(), Test::In(left)))).collect()
        }
        Expression::Client(_) | Expression::Status(..) => Vec::new(),
    }
}

/// One of them, or fewer of them, or with one of them simpler.
fn simpler_several(all: &[Expression], joined: impl Fn(Vec<Expression>) -> Expression) -> Vec<Expression> {
    let mut simpler = all.to_vec();
    if all.len() > 2 {
        simpler.extend(without_each(all).map(&joined));
    }
    for (at, one) in all.iter().enumerate() {
        simpler.extend(simpler_expressions(one).into_iter().map(|one| {
            let mut next = all.to_vec();
            next[at] = one;
            joined(next)
        }));
    }
    simpler
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofhouse_model::requests::{Step, Subject};

    #[test]
    fn an_expression_loses_a_part_at_a_time() {
        let text = |of: Subject, steps: &[Step], texts: &[&str]| Expression::Text {
            of,
            steps: steps.to_vec(),
            test: Test::In(texts.iter().map(|text| (*text).to_owned()).collect()),
        };
        let both = Expression::All(vec![
            text(Subject::Path, &[], &["/", "/a"]),
            Expression::Not(Box::new(text(Subject::Host, &[Step::Lowercase], &["h"]))),
        ]);
        let written: Vec<_> = simpler_expressions(&both).iter().map(Expression::to_string).collect();
        assert_eq!(
            written,
            [
                r#"req.path in ("/", "/a")"#,
                r#"not lowercase(req.host) in ("h")"#,
                r#"req.path in ("/a") and not lowercase(req.host) in ("h")"#,
                r#"req.path in ("/") and not lowercase(req.host) in ("h")"#,
                r#"req.path in ("/", "/a") and not req.host in ("h")"#,
            ]
        );
    }
}
