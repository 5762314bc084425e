//! What it costs to plan a task of ten containers, beside reading their JSON alone.

use super::Results;
use super::lab::{self, Lab};
use super::statistics::median;
use crate::failure::Failure;
use proofhouse_harness::definition::TaskDefinition;
use proofhouse_harness::plan::Plan;
use proofhouse_reports::bench::{BenchEntry, Goal};
use serde_json::{Value, json};
use std::hint::black_box;
use std::time::Instant;

/// Name.
pub const NAME: &str = "plan of ten containers";

const ROUNDS: usize = 101;

/// Milliseconds.
const GOAL: Goal = Goal::ValueAtMost(1.0);

/// As many containers as a task may have, each behind the one before.
fn definition() -> Value {
    let containers: Vec<Value> = (0..10)
        .map(|index| {
            let mut container = json!({
                "name": format!("c{index}"), "image": "proofhouse/userland", "essential": index == 0,
                "entryPoint": ["actor"], "command": ["serve"], "memory": 32, "stopTimeout": 5,
                "environment": [{"name": "INDEX", "value": index.to_string()}],
                "mountPoints": [{"sourceVolume": "data", "containerPath": "/data"}],
                "portMappings": [{"containerPort": 8000 + index}],
                "healthCheck": {"command": ["CMD", "true"]},
            });
            if index > 0 {
                let before = format!("c{}", index - 1);
                container["dependsOn"] = json!([{"containerName": before, "condition": "START"}]);
                container["volumesFrom"] = json!([{"sourceContainer": before, "readOnly": true}]);
            }
            container
        })
        .collect();
    json!({
        "family": "ten", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "512", "memory": "1024",
        "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
        "volumes": [{"name": "data"}], "containerDefinitions": containers,
    })
}

/// Measures it.
///
/// # Errors
/// When the definition cannot be planned.
pub fn measure(lab: &Lab) -> Result<Results, Failure> {
    let text = definition().to_string();
    let parsed = TaskDefinition::parse("bench", &text).map_err(lab::failed)?;
    let options = lab.stage().plan_options("bench-planning");
    let (mut plans, mut whole, mut peer) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        black_box(Plan::new(black_box(&parsed), &options).map_err(lab::failed)?);
        plans.push(milliseconds(begun));
        let begun = Instant::now();
        let read = TaskDefinition::parse("bench", black_box(&text)).map_err(lab::failed)?;
        black_box(Plan::new(&read, &options).map_err(lab::failed)?);
        whole.push(milliseconds(begun));
        let begun = Instant::now();
        let value: Value = serde_json::from_str(black_box(&text)).expect("it was written as JSON above");
        black_box(value);
        peer.push(milliseconds(begun));
    }
    let peer = median(&peer);
    let beside = |name: &str, values: &[f64], goal| {
        BenchEntry::beside(name, median(values), "ms", "serde_json", peer, goal)
    };
    let entries = vec![
        beside(NAME, &plans, Some(GOAL)),
        beside(&format!("{NAME}, with its definition read"), &whole, None),
    ];
    Ok(Results { entries, remarks: Vec::new() })
}

fn milliseconds(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}
