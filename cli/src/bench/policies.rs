//! The policies under which is measured, as the Console's API takes them.

use crate::bench::lab::{self, Lab};
use crate::failure::Failure;
use proofhouse_scenarios::rig::Rig;
use serde_json::{Value, json};

/// Port where the firewall listens.
pub const EXPOSED: u16 = 80;

/// Port of the app behind it.
pub const INTERNAL: u16 = 8080;

/// Every attack class that the reference Defender detects.
const PROTECTIONS: [&str; 8] =
    ["sqli", "xss", "cmdi", "codeInjection", "lfi", "attackTools", "shellshock", "malformedReq"];

/// A few programs that are denied.
pub const FEW: [&str; 3] = ["mkdir", "/usr/bin/nc", "xmrig"];

/// A runtime policy with one rule for everything: these programs are denied, the rest may run; and so are a few names, where that is wanted.
pub fn runtime(programs: &[impl AsRef<str>], names: bool) -> Value {
    let programs: Vec<&str> = programs.iter().map(AsRef::as_ref).collect();
    let off = json!({"effect": "disable"});
    let denied = json!({"effect": "prevent", "whitelist": [], "blacklist": ["evil.test", "*.evil.test"]});
    let rule = json!({
        "name": "bench", "collections": [{"name": "All"}], "network": off, "filesystem": off,
        "dns": if names { denied } else { off.clone() },
        "processes": {"effect": "prevent", "whitelist": [], "blacklist": programs},
    });
    json!({"_id": "appEmbeddedRuntime", "rules": [rule]})
}

/// Gives the Console a runtime policy.
pub async fn put_runtime(rig: &Rig, policy: &Value) -> Result<(), Failure> {
    put(rig, "/policies/runtime/app-embedded", policy).await
}

/// Puts a firewall rule for everything, with every protection at prevent.
pub async fn put_firewall(rig: &Rig) -> Result<(), Failure> {
    let mut app = json!({
        "appID": "app-0001",
        "apiSpec": {"endpoints": [{"host": "*", "basePath": "*", "exposedPort": EXPOSED, "internalPort": INTERNAL,
                                   "tls": false, "http2": false, "grpc": false}],
                    "effect": "disable", "fallbackEffect": "disable"},
        "banDurationMinutes": 5
    });
    for protection in PROTECTIONS {
        app[protection] = json!({"effect": "prevent", "exceptionFields": []});
    }
    let rule = json!({"name": "bench", "collections": [{"name": "All"}], "applicationsSpec": [app]});
    let policy =
        json!({"_id": "appEmbeddedAppFirewall", "rules": [rule], "minPort": 30000, "maxPort": 31000});
    put(rig, "/policies/firewall/app/app-embedded", &policy).await
}

async fn put(rig: &Rig, path: &str, policy: &Value) -> Result<(), Failure> {
    rig.client().demand("PUT", path, Some(policy)).await.map_err(lab::failed)?;
    Ok(())
}

/// A task definition of one container.
pub fn one_container(lab: &Lab, family: &str, image: &str, entry_point: &[&str], command: &[&str]) -> Value {
    json!({
        "family": format!("{family}-{}", lab.stage().run_id()),
        "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "executionRoleArn": "arn:aws:iam::123456789012:role/ecsTaskExecutionRole",
        "containerDefinitions": [
            {"name": "app", "image": image, "essential": true, "entryPoint": entry_point, "command": command}
        ]
    })
}
