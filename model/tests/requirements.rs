//! Clauses are about requirements that there are.

use proofhouse_model::CLAUSES;
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn every_clause_states_requirements_of_the_catalogue() {
    let catalogue: Vec<Value> =
        serde_json::from_str(include_str!("../../features/requirements.json")).unwrap();
    let known: BTreeSet<&str> = catalogue.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
    for (id, requirements, words) in CLAUSES {
        assert!(!requirements.is_empty() && !words.is_empty(), "{id}");
        for requirement in *requirements {
            assert!(known.contains(requirement), "{id}: {requirement}");
        }
    }
}

#[test]
fn every_clause_has_an_id_of_its_own() {
    let ids: BTreeSet<&str> = CLAUSES.iter().map(|(id, ..)| *id).collect();
    assert_eq!(ids.len(), CLAUSES.len());
}
