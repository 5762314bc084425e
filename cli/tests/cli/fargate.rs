//! `proofhouse fargate`: the AWS CLI and boto3, as they come from PyPI, against the ECS API.

use crate::support::{Ended, Going, Place, assets, definition, workspace};
use crate::up::get;
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The endpoint, while it runs.
struct Endpoint {
    place: Place,
    going: Going,
    url: String,
}

impl Endpoint {
    fn start(place: Place, more: &[&str]) -> Self {
        let assets = assets();
        let arguments = ["fargate", "--listen", "127.0.0.1:0", "--json", "--assets", &assets];
        let mut going = Going::start(place.command(&[&arguments, more].concat()));
        let line: Value = serde_json::from_str(&going.line_of_stdout("{\"kind\":\"fargate\"")).unwrap();
        let url = line["endpoint"].as_str().unwrap().to_owned();
        Self { place, going, url }
    }

    /// A program of the virtual environment, which knows nobody but this machine.
    fn client(&self, program: &str) -> Command {
        let path = clients().join(program);
        let mut command = Command::new(path);
        command
            .env_clear()
            .env("HOME", self.place.path("tmp"))
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("AWS_ACCESS_KEY_ID", "none")
            .env("AWS_SECRET_ACCESS_KEY", "none")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_PAGER", "")
            .current_dir(self.place.path(""))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The AWS CLI to its end.
    fn try_aws(&self, arguments: &[&str]) -> Ended {
        let mut command = self.client("aws");
        command.arg("ecs").args(arguments).args(["--endpoint-url", &self.url, "--output", "json"]);
        Ended::of(command.spawn().unwrap())
    }

    /// The answer of a call that must succeed.
    fn aws(&self, arguments: &[&str]) -> Value {
        let ended = self.try_aws(arguments);
        assert_eq!(ended.code, Some(0), "aws ecs {arguments:?}: {}", ended.seen());
        serde_json::from_str(&ended.stdout).unwrap_or_default()
    }

    fn end(self) {
        self.going.signal(Signal::SIGTERM);
        let ended = self.going.end();
        assert_eq!(ended.code, Some(0), "{}", ended.seen());
        self.place.assert_nothing_left(ended.pid);
    }
}

/// Where the clients are; tests that need them fail with what to do when they are not there.
fn clients() -> PathBuf {
    let folder = workspace("target/tools/aws");
    assert!(
        folder.join("installed.txt").exists(),
        "the AWS clients are not in {}: run `make clients`, which `make test` does as well",
        folder.display()
    );
    folder.join("bin")
}

fn names(task: &Value) -> Vec<&str> {
    let containers = task["containers"].as_array().unwrap();
    containers.iter().map(|one| one["name"].as_str().unwrap()).collect()
}

#[test]
fn boto3_registers_runs_describes_and_stops_a_task() {
    let endpoint = Endpoint::start(Place::with("task.json", &definition("plain.json")), &[]);
    let script = workspace("cli/tests/cli/ecs_client.py");
    let ended =
        Ended::of(endpoint.client("python").arg(script).arg(&endpoint.url).arg("task.json").spawn().unwrap());
    assert_eq!(ended.code, Some(0), "{}", ended.seen());
    let saw: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(saw["registered"]["revision"], json!(1));
    assert_eq!((&saw["described"], &saw["listed"]), (&json!(true), &json!(true)), "{saw}");
    assert_eq!(
        saw["pages"][0].as_array().unwrap().len(),
        1,
        "what was refused is not kept: {}",
        saw["pages"]
    );
    assert_eq!(saw["began"]["lastStatus"], json!("PROVISIONING"));
    let running = &saw["running"];
    assert_eq!((&running["lastStatus"], &running["desiredStatus"]), (&json!("RUNNING"), &json!("RUNNING")));
    assert_eq!(names(running), ["worker"]);
    assert!(running["containers"][0]["imageDigest"].as_str().unwrap().starts_with("sha256:"), "{running}");
    assert_eq!(running["overrides"]["containerOverrides"][0]["environment"][0]["name"], json!("GREETING"));
    assert_eq!(running["tags"], json!([{"key": "team", "value": "blue"}]));
    assert_eq!(saw["failures"][0]["reason"], json!("MISSING"));
    assert_eq!(saw["stopping"]["desiredStatus"], json!("STOPPED"));
    let stopped = &saw["stopped"];
    assert_eq!((&stopped["lastStatus"], &stopped["stopCode"]), (&json!("STOPPED"), &json!("UserInitiated")));
    assert_eq!(stopped["stoppedReason"], json!("seen enough"));
    for (call, class) in [
        ("execute", "InvalidParameterException"),
        ("unsigned", "MissingAuthenticationTokenException"),
        ("bridge", "ClientException"),
        ("number", "ParamValidationError"),
        ("unknown", "ClientException"),
        ("cluster", "ClusterNotFoundException"),
        ("network", "InvalidParameterException"),
        ("not served", "UnknownOperationException"),
    ] {
        assert_eq!(saw[call][0], json!(class), "{call}: {}", saw[call]);
    }
    assert!(
        saw["bridge"][1].as_str().unwrap().contains("Fargate only supports network mode"),
        "{}",
        saw["bridge"]
    );
    endpoint.end();
}

/// The CLI takes no `null` for a member that is not there; a file that people paste has it.
fn without_nulls(text: &str) -> String {
    let mut definition: Value = serde_json::from_str(text).unwrap();
    for container in definition["containerDefinitions"].as_array_mut().unwrap() {
        container.as_object_mut().unwrap().retain(|_, member| !member.is_null());
    }
    definition.to_string()
}

#[test]
fn the_aws_cli_runs_tasks_that_are_protected_and_share_a_console() {
    let text = without_nulls(&definition("web-and-worker.json"));
    let place = Place::with("task.json", &text);
    let mut endpoint = Endpoint::start(place, &["--protect"]);
    let answer = endpoint.aws(&["register-task-definition", "--cli-input-json", "file://task.json"]);
    let containers = answer["taskDefinition"]["containerDefinitions"].as_array().unwrap();
    assert_eq!(containers.last().unwrap()["name"], json!("TwistlockDefender"));
    let network = "awsvpcConfiguration={subnets=[subnet-1]}";
    let answer = endpoint.aws(&[
        "run-task",
        "--task-definition",
        "web-and-worker",
        "--launch-type",
        "FARGATE",
        "--count",
        "2",
        "--network-configuration",
        network,
    ]);
    let tasks = answer["tasks"].as_array().unwrap();
    let arns: Vec<&str> = tasks.iter().map(|task| task["taskArn"].as_str().unwrap()).collect();
    assert_eq!(arns.len(), 2);
    endpoint.aws(&[&["wait", "tasks-running", "--tasks"], arns.as_slice()].concat());
    let answer = endpoint.aws(&[&["describe-tasks", "--tasks"], arns.as_slice()].concat());
    for task in answer["tasks"].as_array().unwrap() {
        assert_eq!(names(task), ["web", "worker", "TwistlockDefender"]);
        assert_eq!(
            task["containers"][2]["healthStatus"],
            json!("HEALTHY"),
            "apps start behind a healthy Defender: {task}"
        );
    }
    for _ in 0..2 {
        let doors: Value =
            serde_json::from_str(&endpoint.going.line_of_stdout("{\"kind\":\"doors\"")).unwrap();
        let door =
            doors["ports"].as_array().unwrap().iter().find(|door| door["port"] == json!(8080)).unwrap();
        let fine = get(door["address"].as_str().unwrap(), "/");
        assert!(fine.starts_with("HTTP/1.1 200"), "{fine}");
    }
    let listed = endpoint.aws(&["list-tasks", "--family", "web-and-worker"]);
    assert_eq!(listed["taskArns"].as_array().unwrap().len(), 2);
    let answer = endpoint.aws(&["stop-task", "--task", arns[0], "--reason", "one is enough"]);
    assert_eq!(answer["task"]["desiredStatus"], json!("STOPPED"));
    endpoint.aws(&["wait", "tasks-stopped", "--tasks", arns[0]]);
    let unsigned = endpoint.try_aws(&["list-tasks", "--no-sign-request"]);
    assert!(unsigned.stderr.contains("MissingAuthenticationTokenException"), "{}", unsigned.seen());
    let text = text.replace("\"awsvpc\"", "\"host\"");
    let refused = endpoint.try_aws(&["register-task-definition", "--cli-input-json", &text]);
    assert!(
        refused.stderr.contains("ClientException") && refused.stderr.contains("awsvpc"),
        "{}",
        refused.seen()
    );
    // The other task still runs: the end of the endpoint is its end.
    endpoint.end();
}

#[test]
fn another_address_than_loopback_is_refused() {
    let ended = Place::new().run(&["fargate", "--listen", "0.0.0.0:8085"]);
    insta::assert_snapshot!(ended.seen());
}

#[test]
fn an_address_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = Place::new().run(&["fargate", "--listen", &address]);
    assert_eq!(ended.code, Some(5), "{}", ended.seen());
    assert!(
        ended.stderr.contains("could not listen at") && ended.stderr.contains("--listen"),
        "{}",
        ended.seen()
    );
}
