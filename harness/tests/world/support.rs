//! A real world container on Docker, and containers that join it.

use bollard::Docker;
use bollard::body_full;
use bollard::container::{AttachContainerResults, LogOutput};
use bollard::models::{ContainerCreateBody, HostConfig, HostConfigLogConfig};
use bollard::query_parameters::{
    AttachContainerOptionsBuilder, BuildImageOptionsBuilder, LogsOptionsBuilder,
    RemoveContainerOptionsBuilder,
};
use futures_util::{FutureExt, StreamExt, TryStreamExt};
use proofhouse_harness::loss::Losses;
use proofhouse_harness::outside::{RelayOutside, WorldNetwork};
use proofhouse_protocol::observation::{Forget, Source};
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::OnceCell;
use tokio_util::io::StreamReader;

const LABEL: (&str, &str) = ("proofhouse.test", "world");
const WORLD_IMAGE: &str = "proofhouse-test/world:latest";
const BUSYBOX_IMAGE: &str = "proofhouse-test/busybox:latest";
const BINARIES: [&str; 9] = [
    "/bin/busybox",
    "/usr/bin/getent",
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/lib/x86_64-linux-gnu/libresolv.so.2",
    "/lib/x86_64-linux-gnu/libnss_dns.so.2",
    "/usr/bin/perl",
    "/lib/x86_64-linux-gnu/libm.so.6",
    "/lib/x86_64-linux-gnu/libcrypt.so.1",
];
const PERL: &str = "usr/lib/x86_64-linux-gnu/perl-base";
const PACKAGES: &str = "these tests need Debian's packages busybox-static, libc-bin and perl-base";

/// Deadline of whatever a machine under load may take long for.
pub const WITHIN: Duration = Duration::from_secs(20);

/// An address in a test.
pub fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

/// A configured world.
pub struct World {
    pub docker: Docker,
    pub container: String,
    pub outside: Arc<RelayOutside>,
    /// From the start of the container to the answer to the configuration.
    pub configured_after: Duration,
    made: Mutex<Vec<String>>,
}

/// What a container that ran to its end left.
#[derive(Debug)]
pub struct Ran {
    pub code: i64,
    pub output: String,
}

/// Runs a test in a world of its own, and removes everything whatever the test does.
pub async fn in_a_world<F: Future<Output = ()>>(test: impl FnOnce(Arc<World>) -> F) {
    let world = Arc::new(World::start().await);
    let result = AssertUnwindSafe(test(Arc::clone(&world))).catch_unwind().await;
    world.remove().await;
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

impl World {
    async fn start() -> World {
        let docker = connect().await;
        images(&docker).await;
        let host = HostConfig {
            network_mode: Some("none".to_owned()),
            cap_add: Some(vec!["NET_ADMIN".to_owned(), "SYS_ADMIN".to_owned()]),
            // What the agent writes is the relay's; a log driver would write every byte of it to the disk.
            log_config: Some(HostConfigLogConfig { typ: Some("none".to_owned()), config: None }),
            ..HostConfig::default()
        };
        let network = WorldNetwork::default();
        let body = ContainerCreateBody {
            image: Some(WORLD_IMAGE.to_owned()),
            hostname: Some(network.hostname.clone()),
            open_stdin: Some(true),
            // The end of the harness is the end of the attachment, and so of the agent's input, and so of the agent.
            stdin_once: Some(true),
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            labels: Some(labels()),
            host_config: Some(host),
            ..ContainerCreateBody::default()
        };
        let container = docker.create_container(None, body).await.expect("world created").id;
        let options = AttachContainerOptionsBuilder::new().stdin(true).stdout(true).stderr(true).stream(true);
        let attached =
            docker.attach_container(&container, Some(options.build())).await.expect("world attached");
        let AttachContainerResults { output, input } = attached;
        let read = StreamReader::new(output.filter_map(|message| {
            std::future::ready(match message {
                Ok(LogOutput::StdOut { message }) => Some(Ok(message)),
                Ok(other) => {
                    eprintln!("world says: {other}");
                    None
                }
                Err(error) => Some(Err(io::Error::other(error))),
            })
        }));
        docker.start_container(&container, None).await.expect("world started");
        let started = Instant::now();
        let losses = Losses::new(Arc::new(Forget), Source::Outside("world".to_owned()));
        let outside = RelayOutside::connect(read, input, &network, losses).await.expect("world configured");
        let configured_after = started.elapsed();
        World {
            docker,
            container: container.clone(),
            outside: Arc::new(outside),
            configured_after,
            made: Mutex::new(vec![container]),
        }
    }

    /// Starts a busybox shell in the task's namespace.
    pub async fn shell(&self, script: &str) -> String {
        self.start_shell(script, None).await
    }

    /// Starts a busybox shell in the task's network and process namespaces.
    pub async fn shell_among_all_processes(&self, script: &str) -> String {
        self.start_shell(script, Some(format!("container:{}", self.container))).await
    }

    async fn start_shell(&self, script: &str, pid_mode: Option<String>) -> String {
        let host = HostConfig {
            network_mode: Some(format!("container:{}", self.container)),
            pid_mode,
            ..HostConfig::default()
        };
        let body = ContainerCreateBody {
            image: Some(BUSYBOX_IMAGE.to_owned()),
            cmd: Some(["sh", "-c", script].map(str::to_owned).to_vec()),
            labels: Some(labels()),
            host_config: Some(host),
            ..ContainerCreateBody::default()
        };
        let id = self.docker.create_container(None, body).await.expect("shell created").id;
        self.made.lock().expect("no test panics while it holds the lock").push(id.clone());
        self.docker.start_container(&id, None).await.expect("shell started");
        id
    }

    /// Runs a busybox shell in the task's namespace to its end.
    pub async fn run(&self, script: &str) -> Ran {
        let id = self.shell(script).await;
        self.ran(&id).await
    }

    /// Waits for a container to end, and reads what it wrote.
    pub async fn ran(&self, id: &str) -> Ran {
        let code = self.ended(id).await;
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).build();
        let logs: Vec<_> = self.docker.logs(id, Some(options)).try_collect().await.expect("logs");
        Ran { code, output: logs.iter().map(ToString::to_string).collect() }
    }

    /// Waits for a container to end, and answers its exit code.
    pub async fn ended(&self, id: &str) -> i64 {
        let mut waiting = self.docker.wait_container(id, None);
        match waiting.next().await.expect("an end") {
            Ok(answer) => answer.status_code,
            Err(bollard::errors::Error::DockerContainerWaitError { code, .. }) => code,
            Err(error) => panic!("{error}"),
        }
    }

    /// Takes on a container that another process made, to be removed with this world.
    pub fn adopt(&self, id: &str) {
        self.made.lock().expect("no test panics while it holds the lock").push(id.to_owned());
    }

    /// Whether a container is running.
    pub async fn is_running(&self, id: &str) -> bool {
        let state = self.docker.inspect_container(id, None).await.expect("inspected").state;
        state.and_then(|state| state.running).unwrap_or(false)
    }

    async fn remove(&self) {
        let made: Vec<_> =
            self.made.lock().expect("no test panics while it holds the lock").drain(..).rev().collect();
        for id in made {
            let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
            if let Err(error) = self.docker.remove_container(&id, Some(options)).await {
                eprintln!("{id} is left behind: {error}");
            }
        }
    }
}

async fn connect() -> Docker {
    let docker = Docker::connect_with_unix_defaults().expect("a Docker socket");
    docker.negotiate_version().await.expect("Docker answers; these tests need it")
}

fn labels() -> HashMap<String, String> {
    HashMap::from([(LABEL.0.to_owned(), LABEL.1.to_owned())])
}

/// Builds both images, once in this process.
async fn images(docker: &Docker) {
    static BUILT: OnceCell<()> = OnceCell::const_new();
    BUILT
        .get_or_init(|| async {
            let world = tokio::task::spawn_blocking(world_binary).await.expect("the build runs");
            build(docker, WORLD_IMAGE, world_context(&world)).await;
            build(docker, BUSYBOX_IMAGE, busybox_context()).await;
        })
        .await;
}

/// Builds the agent as the image has it: one static binary, as `scripts/build.sh` makes it.
fn world_binary() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a folder in the target folder");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "-p", "proofhouse-world"])
        .arg("--target-dir")
        .arg(target)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo runs");
    assert!(status.success(), "the world agent does not build");
    target.join("debug/world")
}

fn world_context(binary: &Path) -> Vec<u8> {
    let mut context = tar::Builder::new(Vec::new());
    append(&mut context, "Dockerfile", b"FROM scratch\nCOPY world /world\nENTRYPOINT [\"/world\"]\n", 0o644);
    append(&mut context, "world", &std::fs::read(binary).expect("the binary"), 0o755);
    context.into_inner().expect("in memory")
}

/// A shell, the C library's own name resolution (`getent`, and what a static program loads to look a name up), and
/// Debian's smallest Perl for sockets that a shell does not have.
fn busybox_context() -> Vec<u8> {
    let mut context = tar::Builder::new(Vec::new());
    append(&mut context, "Dockerfile", b"FROM scratch\nCOPY root /\nENV PATH=/bin\n", 0o644);
    append(&mut context, "root/etc/nsswitch.conf", b"hosts: files dns\n", 0o644);
    append(&mut context, "root/www/cgi-bin/peer", b"#!/bin/sh\nprintf '\\r\\n'; echo $REMOTE_ADDR\n", 0o755);
    for path in BINARIES {
        let binary = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}; {PACKAGES}"));
        let target = path.replace("/usr/bin/", "/bin/");
        append(&mut context, &format!("root{target}"), &binary, 0o755);
    }
    context.append_dir_all(format!("root/{PERL}"), format!("/{PERL}")).expect(PACKAGES);
    for applet in
        ["sh", "cat", "dd", "grep", "hostname", "httpd", "ip", "nc", "nslookup", "ps", "sleep", "wget"]
    {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        context.append_link(&mut header, format!("root/bin/{applet}"), "busybox").expect("in memory");
    }
    context.into_inner().expect("in memory")
}

fn append(context: &mut tar::Builder<Vec<u8>>, path: &str, content: &[u8], mode: u32) {
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(mode);
    context.append_data(&mut header, path, content).expect("in memory");
}

async fn build(docker: &Docker, image: &str, context: Vec<u8>) {
    let options = BuildImageOptionsBuilder::new().t(image).rm(true).labels(&labels()).build();
    let steps = docker.build_image(options, None, Some(body_full(context.into())));
    let steps: Vec<_> = steps.try_collect().await.expect("the image builds");
    for step in steps {
        assert!(step.error_detail.is_none(), "{image}: {:?}", step.error_detail);
    }
}
