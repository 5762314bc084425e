//! `proofhouse fargate`.

mod living;
mod runner;

use super::Done;
use crate::arguments::FargateArguments;
use crate::ca_file::CaFile;
use crate::failure::{Failure, Message};
use crate::live::{self, Follower, stand_in};
use crate::output;
use proofhouse_console::Console;
use proofhouse_harness::ecs::{Ecs, ListenError, Serving, TaskRunner, listen};
use proofhouse_harness::lifecycle::StopReason;
use proofhouse_protocol::observation::SharedRecorder;
use proofhouse_reports::ExitCode;
use proofhouse_reports::history::History;
use proofhouse_scenarios::Watch;
use proofhouse_scenarios::rig::ConsoleEnd;
use runner::Runner;
use serde_json::json;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

/// The name under which the Console's part and the calls are recorded.
const NAME: &str = "fargate";

/// Serves the ECS API until someone ends it, and then stops every task.
pub async fn fargate(arguments: &FargateArguments) -> Done {
    let stand_ins = stand_in::given(&arguments.task)?;
    let listener = listen(arguments.listen).await.map_err(|error| refused(&error))?;
    let interrupted = super::interruption()?;
    tokio::pin!(interrupted);
    let Some(stage) = live::stage(&arguments.task, &mut interrupted).await? else {
        return Ok(ExitCode::Passed);
    };
    let history = History::in_memory();
    let follower = Follower::start(&history, NAME, arguments.json);
    let watch: SharedRecorder = Arc::new(Watch::new(&history, NAME));
    let console = ConsoleEnd::start(
        stage.semantics().clone(),
        None,
        stage.defender().embed_names(),
        Arc::clone(&watch),
    )
    .await;
    let console = Arc::new(console.map_err(|error| Failure::machine(&error))?);
    let certificate = CaFile::write(console.console().ca_pem())?;
    let runner =
        Arc::new(Runner::new(Arc::clone(&stage), Arc::clone(&console), history, watch, stand_ins, arguments));
    let region = stage.plan_options(NAME).region;
    let ecs = Arc::new(Ecs::new(&region, Arc::<Runner>::clone(&runner) as Arc<dyn TaskRunner>));
    let serving = Serving::start(listener, Arc::clone(&ecs)).map_err(|error| Failure::machine(&error))?;
    tell(serving.address(), &region, console.console(), certificate.path(), arguments);
    interrupted.await;
    if !arguments.json {
        eprintln!("stopping the tasks in order");
    }
    serving.end().await;
    ecs.end(&StopReason::user(Some("`proofhouse fargate` was ended")));
    let all_over = runner.finished().await;
    console.shutdown().await;
    follower.finish();
    let left = stage.sweep().await.map_err(|error| Failure::machine(&error))?;
    if !left.is_empty() {
        eprintln!("left behind by a task, and removed now: {}", left.join(", "));
    }
    if all_over {
        return Ok(ExitCode::Passed);
    }
    let message = Message::new("a task did not stop in time, and was removed");
    Err(Failure::new(ExitCode::Environment, message.help("the lines above tell which")))
}

fn refused(error: &ListenError) -> Failure {
    match error {
        ListenError::NotLoopback(_) => Failure::input(
            format!(
                "--listen: {error}: whoever reaches this API starts containers, and no signature is verified"
            ),
            "name 127.0.0.1 or [::1], such as `--listen 127.0.0.1:8085`; a tunnel can lead to it",
        ),
        ListenError::Bind { .. } => Failure::new(
            ExitCode::Environment,
            Message::new(error.to_string())
                .help("name another address by `--listen`; port 0 takes any that is free"),
        ),
    }
}

/// Tells where everything is, and how to try it.
fn tell(at: SocketAddr, region: &str, console: &Console, certificate: &Path, arguments: &FargateArguments) {
    let endpoint = format!("http://{at}");
    let rest = console.rest_address().map_or(0, |address| address.port());
    let rest = format!("https://localhost:{rest}/api/v1");
    let (user, password) = console.admin();
    if arguments.json {
        let value = json!({
            "kind": "fargate", "endpoint": endpoint, "region": region, "protect": arguments.protect,
            "console": rest, "user": user, "password": password.reveal(), "certificate": certificate,
        });
        output::line(&value.to_string());
        return;
    }
    let protects = if arguments.protect { "a Defender is embedded into each" } else { "as they come" };
    output::line(&format!("ECS API      {endpoint}"));
    output::line(&format!("definitions  {protects}"));
    output::line(&format!("Console      {rest}"));
    output::line(&format!("user         {user}"));
    output::line(&format!("password     {}", password.reveal()));
    output::line(&format!("certificate  {}", certificate.display()));
    output::line(&format!(
        "credentials  any will do: export AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none AWS_DEFAULT_REGION={region}"
    ));
    output::line(&format!(
        "example      aws ecs register-task-definition --endpoint-url {endpoint} --cli-input-json file://task.json"
    ));
    output::line("Ctrl-C ends it, and every task");
}
