//! Who answers and who asks outside.

use crate::support::{WITHIN, World, address, in_a_world};
use futures_util::future::BoxFuture;
use proofhouse_harness::outside::{Outside, SecurityGroup, WorldNetwork};
use proofhouse_harness::services::{
    Client, ContainerDocument, Credentials, Gauge, HostResponse, HttpRequest, InternetHost, Made, Metadata,
    NetworkDocument, RefusalWatch, Resolver, TaskMetadata, Zone,
};
use proofhouse_protocol::observation::{Forget, Observation, Recorder, Recording, Source};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, RwLock};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;

/// A raw DNS query for the A record of api.example.com, and the answer checked to come from where it was asked.
const RAW_QUERY: &str = r#"use Socket;
    sub now { my $time = "\0" x 16; syscall(228, 1, $time); my ($s, $n) = unpack("qq", $time); $s * 1e3 + $n / 1e6 }
    my $query = pack("nnnnnn", 7, 256, 1, 0, 0, 0) . "\3api\7example\3com\0" . pack("nn", 1, 1);
    socket(S, PF_INET, SOCK_DGRAM, 0);
    for my $server (@ARGV) {
        my $start = now();
        send(S, $query, 0, sockaddr_in(53, inet_aton($server))) or die "send: $!";
        my $from = recv(S, my $answer, 4096, 0);
        my ($port, $ip) = sockaddr_in($from);
        printf "%s answered %s in %.3f ms\n", inet_ntoa($ip), inet_ntoa(substr($answer, -4)),
            now() - $start;
    }"#;

#[derive(Default)]
struct Seen {
    all: Mutex<Vec<Recording>>,
}

impl Recorder for Seen {
    fn record(&self, recording: Recording) {
        self.all.lock().expect("nothing panics while it holds the lock").push(recording);
    }
}

/// Tells the same digest of every container, and no more.
struct Told;

impl Gauge for Told {
    fn made<'a>(&'a self, names: &'a [String]) -> BoxFuture<'a, BTreeMap<String, Made>> {
        let made = Made { image_id: "sha256:abc".to_owned(), ..Made::default() };
        Box::pin(async move { names.iter().map(|name| (name.clone(), made.clone())).collect() })
    }

    fn statistics<'a>(&'a self, _: &'a [String]) -> BoxFuture<'a, BTreeMap<String, serde_json::Value>> {
        Box::pin(async { BTreeMap::new() })
    }

    fn storage(&self) -> BoxFuture<'_, Option<u64>> {
        Box::pin(async { Some(281) })
    }
}

impl Seen {
    fn observations(&self) -> Vec<Observation> {
        let all = self.all.lock().expect("nothing panics while it holds the lock");
        all.iter().map(|recording| recording.observation.clone()).collect()
    }

    fn questions(&self) -> Vec<(String, String, String, String)> {
        let questions = self.observations().into_iter().filter_map(|observation| match observation {
            Observation::DnsQuestion { server, name, record, answer, .. } => {
                Some((server, name, record, answer))
            }
            _ => None,
        });
        questions.collect()
    }
}

fn outside(world: &World) -> Arc<dyn Outside> {
    Arc::clone(&world.outside) as _
}

async fn resolver(world: &World, addresses: &[&str], seen: &Arc<Seen>) -> Resolver {
    let zone = Zone::default().with("*.example.com", [[203, 0, 113, 10].into()]).expect("a name");
    let addresses: Vec<_> = addresses.iter().map(|text| address(text)).collect();
    Resolver::start(outside(world), &addresses, zone, Arc::clone(seen) as _).await.expect("a resolver")
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_resolved_by_the_vpc_and_by_any_server_given_by_address() {
    in_a_world(|world| async move {
        let seen = Arc::new(Seen::default());
        let _resolver = resolver(&world, &["10.0.42.2:53", "0.0.0.0:53"], &seen).await;
        let ran = world.run("getent ahostsv4 api.example.com; getent hosts evil.test; echo $?").await;
        assert!(ran.output.starts_with("203.0.113.10 ") && ran.output.ends_with("\n2\n"), "{ran:?}");
        let ran = world.run("nslookup -type=a api.example.com 8.8.8.8").await;
        assert!(ran.output.contains("Address: 203.0.113.10"), "{ran:?}");
        let question = |server: &str, name: &str, answer: &str| {
            (server.to_owned(), name.to_owned(), "A".to_owned(), answer.to_owned())
        };
        let questions = seen.questions();
        for expected in [
            question("10.0.42.2:53", "api.example.com", "203.0.113.10"),
            question("10.0.42.2:53", "evil.test", "NXDOMAIN"),
            question("8.8.8.8:53", "api.example.com", "203.0.113.10"),
        ] {
            assert!(questions.contains(&expected), "no {expected:?} in {questions:#?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_comes_from_the_address_that_was_asked_and_soon() {
    in_a_world(|world| async move {
        let seen = Arc::new(Seen::default());
        let _resolver = resolver(&world, &["10.0.42.2:53", "0.0.0.0:53"], &seen).await;
        let servers = format!("9.9.9.9 {}", "10.0.42.2 ".repeat(200));
        let ran = world.run(&format!("perl -e '{RAW_QUERY}' {servers}")).await;
        let lines: Vec<_> = ran.output.lines().collect();
        assert_eq!(lines.len(), 201, "{ran:?}");
        assert!(lines[0].starts_with("9.9.9.9 answered 203.0.113.10 in "), "{}", lines[0]);
        let millis = lines[1..].iter().map(|line| {
            let time = line.strip_prefix("10.0.42.2 answered 203.0.113.10 in ").expect("the resolver answered");
            time.trim_end_matches(" ms").parse::<f64>().expect("a time")
        });
        let mut millis: Vec<_> = millis.collect();
        millis.sort_by(f64::total_cmp);
        let mut pings = Vec::new();
        for _ in 0..200 {
            pings.push(world.outside.ping().await.unwrap());
        }
        pings.sort();
        eprintln!(
            "DNS round trip in the task: median {:.3} ms, 99th percentile {:.3} ms; ping of the agent: median {:?}",
            millis[100], millis[198], pings[100]
        );
        assert!(millis[100] < 20.0, "{millis:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_and_credentials_are_fetched_over_the_link() {
    in_a_world(|world| async move {
        let seen = Arc::new(Seen::default());
        let mut known = TaskMetadata::default();
        known.task.containers.push(ContainerDocument {
            docker_id: "0123-45".to_owned(),
            name: "web".to_owned(),
            networks: vec![NetworkDocument::of(&WorldNetwork::default())],
            ..ContainerDocument::default()
        });
        let role = Credentials {
            role_arn: "arn:aws:iam::111122223333:role/shop".to_owned(),
            ..Credentials::default()
        };
        known.credentials.insert("an-id".to_owned(), Some(role));
        let at = address("169.254.170.2:80");
        let metadata = Metadata::start(outside(&world), at, known, Arc::new(Told), Arc::clone(&seen) as _)
            .await
            .unwrap();

        let get = |path: &str| format!("wget -q -O - http://169.254.170.2{path}; echo \" $?\"");
        let ran = world.run(&get("/v4/0123-45")).await;
        assert!(ran.output.contains(r#""Name":"web""#) && ran.output.contains(r#"["10.0.42.7"]"#), "{ran:?}");
        metadata.change(|known| known.task.known_status = "RUNNING".to_owned());
        let ran = world.run(&get("/v4/0123-45/task")).await;
        assert!(ran.output.contains(r#""KnownStatus":"RUNNING""#), "{ran:?}");
        assert!(world.run(&get("/v2/credentials/an-id")).await.output.contains("role/shop"));
        let ran = world.run("wget -O - http://169.254.170.2/v4/nobody").await;
        assert!(ran.output.contains("404 Not Found"), "{ran:?}");
        let Some(Observation::MetadataRequest { path, status, body }) = seen.observations().pop() else {
            panic!()
        };
        assert_eq!((path.as_str(), status, body.whole), ("/v4/nobody", 404, true));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_task_uses_a_host_in_the_internet_and_what_it_cannot_reach_is_recorded() {
    in_a_world(|world| async move {
        let seen = Arc::new(Seen::default());
        let (told, mut refused) = mpsc::unbounded_channel();
        let _resolver = resolver(&world, &["10.0.42.2:53"], &seen).await;
        let host = InternetHost::http(
            &*world.outside,
            "api.example.com",
            address("203.0.113.10:80"),
            Arc::new(|request| HostResponse::text(200, format!("you asked for {}", request.target))),
            Arc::clone(&seen) as _,
        );
        let _host = host.await.unwrap();
        let _watch = RefusalWatch::start(&*world.outside, Arc::new(Telling(told))).await.unwrap();
        let script = "wget -q -O - --header 'X-Proofhouse-Token: t-5' 'http://api.example.com/v1?a=b'";
        assert_eq!(world.run(script).await.output, "you asked for /v1?a=b");
        let request = seen.all.lock().unwrap().pop().unwrap();
        assert_eq!(request.source, Source::Outside("api.example.com".to_owned()));
        assert_eq!(request.token.as_deref(), Some("t-5"));

        world.run("wget -q -O - http://api.example.com:8443/").await;
        let recording = tokio::time::timeout(WITHIN, refused.recv()).await.unwrap().unwrap();
        let Observation::OutsideConnection { server, accepted, .. } = recording.observation else {
            panic!("{recording:?}");
        };
        assert_eq!((server.as_str(), accepted), ("203.0.113.10:8443", false));
    })
    .await;
}

struct Telling(mpsc::UnboundedSender<Recording>);

impl Recorder for Telling {
    fn record(&self, recording: Recording) {
        let _ = self.0.send(recording);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_gets_what_the_app_sends_byte_for_byte_and_only_through_the_group() {
    in_a_world(|world| async move {
        world.shell("echo content > /www/file; httpd -f -p 8080 -h /www").await;
        world.outside.wait_listening(8080, WITHIN).await.unwrap();
        let group = Arc::new(RwLock::new(SecurityGroup::allowing("task", [8080])));
        let client = Client::new(outside(&world), "198.51.100.4".parse().unwrap(), group, Arc::new(Forget));
        let exchange = client.request(address("10.0.42.7:8080"), &HttpRequest::new("GET", "/file")).await;
        assert_eq!(exchange.status, Some(200), "{exchange:?}");
        assert_eq!(exchange.body.as_ref(), b"content\n");
        assert!(exchange.headers.contains(&("Content-Length".to_owned(), "8".to_owned())), "{exchange:?}");
        let all = (0..40).map(|_| {
            let client = client.clone();
            async move {
                client.request(address("10.0.42.7:8080"), &HttpRequest::new("GET", "/cgi-bin/peer")).await
            }
        });
        for exchange in futures_util::future::join_all(all).await {
            assert_eq!(exchange.body.as_ref(), b"[::ffff:198.51.100.4]\n", "{exchange:?}");
        }
        let exchange = client.request(address("10.0.42.7:22"), &HttpRequest::new("GET", "/")).await;
        assert!(exchange.error.unwrap().contains("security group \"task\" lets in 8080"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_actor_in_a_container_is_reached_by_its_name() {
    in_a_world(|world| async move {
        let actor = r#"use Socket; socket(S, PF_UNIX, SOCK_STREAM, 0);
            bind(S, pack_sockaddr_un("\0proofhouse/actor/app")) or die "bind: $!"; listen(S, 5);
            accept(C, S); my $line = <C>; print C "reply to $line"; close C;"#;
        // The actor listens before the port does, so the one event stands for both.
        let script = format!("perl -e '{actor} accept(C, S)' & while ! grep -q proofhouse/actor/app /proc/net/unix; do :; done; nc -l -p 7777");
        world.shell(&script).await;
        world.outside.wait_listening(7777, WITHIN).await.unwrap();
        assert!(world.outside.sockets().await.unwrap().contains("@proofhouse/actor/app"));
        let mut stream = BufReader::new(world.outside.actor("app").await.unwrap());
        stream.write_all(b"{\"do\":\"ping\"}\n").await.unwrap();
        let mut reply = String::new();
        stream.read_line(&mut reply).await.unwrap();
        assert_eq!(reply, "reply to {\"do\":\"ping\"}\n");
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0, "one request, one reply, and the end");
    })
    .await;
}
