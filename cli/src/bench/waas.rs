//! The firewall's throughput, beside nginx and beside nginx with ModSecurity and the Core Rule Set.
//!
//! One task has the app; the two peers and the load generator are leaf containers in its network, so all three proxies
//! forward to the same app over loopback, and no request goes through the relay. A processor is shared with the load and
//! the app, so wall time says little: requests are divided by the processor time that the proxy's container has used,
//! as the kernel counted it for its control group. For the firewall that is everything in the sidecar, its audits and its
//! link to the Console included; it is read behind a fence, so that no audit is left to be sent.

use super::lab::{self, Lab};
use super::rounds::Rounds;
use super::statistics::median;
use super::{Results, policies};
use crate::failure::{Failure, Message};
use proofhouse_harness::engine::ContainerId;
use proofhouse_harness::images::Role;
use proofhouse_harness::leaf::{Leaf, LeafError, LeafSpec};
use proofhouse_protocol::EmbedNames;
use proofhouse_reports::ExitCode;
use proofhouse_reports::bench::{BenchEntry, Goal};
use proofhouse_scenarios::rig::{Internet, POLICY_LIMIT, READY_LIMIT, Rig};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Name.
pub const NAME: &str = "WAAS throughput";

const ROUNDS: usize = 5;
/// How long a fence may take.
const FENCE_LIMIT: Duration = Duration::from_secs(15);

/// A multiple of the mix, so that every round sends the same.
const REQUESTS: u32 = 2000;
const WARM_UP: u32 = 200;
const CONNECTIONS: u32 = 8;
const GOAL: Goal = Goal::AtLeast(3.0);

/// How long one load may take.
const LOAD_LIMIT: Duration = Duration::from_secs(30);

const NGINX: &str = "/usr/sbin/nginx";

/// A proxy in front of the app.
struct Proxy {
    port: u16,
    container: ContainerId,
    /// Status of each attack.
    attacks: u16,
}

/// What `actor load` prints.
#[derive(Debug, Deserialize)]
struct Load {
    requests: u64,
    benign: BTreeMap<u16, u64>,
    attacks: BTreeMap<u16, u64>,
}

/// Measures it.
///
/// # Errors
/// When something does not come up, or when a proxy decides otherwise than the others: then nothing can be compared.
pub async fn measure(lab: &Lab) -> Result<Results, Failure> {
    let image = lab.image(Role::ModSecurity).await?;
    let actor = lab.image(Role::Actor).await?;
    let mut setup = lab.setup("bench-waas").await?;
    let mut bench = Bench { lab, rig: &mut setup.rig, image, actor, leaves: Vec::new() };
    let measured = bench.run().await;
    let removed = bench.take_away().await;
    setup.rig.take_down().await;
    let results = measured?;
    removed?;
    Ok(results)
}

struct Bench<'a> {
    lab: &'a Lab,
    rig: &'a mut Rig,
    image: String,
    actor: String,
    leaves: Vec<Leaf>,
}

impl Bench<'_> {
    async fn run(&mut self) -> Result<Results, Failure> {
        let proxies = self.bring_up().await?;
        for proxy in &proxies {
            self.requests_per_core_second(proxy, WARM_UP).await?;
        }
        let mut rates = [const { Vec::new() }; 3];
        let mut rounds = Rounds::new(ROUNDS);
        for round in &mut rounds {
            for turn in 0..proxies.len() {
                let which = (round + turn) % proxies.len();
                rates[which].push(self.requests_per_core_second(&proxies[which], REQUESTS).await?);
            }
        }
        let [firewall, plain, peer] = rates.map(|rates| median(&rates));
        let unit = "requests/s/core";
        Ok(Results {
            entries: vec![
                BenchEntry::beside(NAME, firewall, unit, "nginx + ModSecurity + CRS", peer, Some(GOAL)),
                BenchEntry::beside(
                    &format!("{NAME} beside a plain proxy"),
                    firewall,
                    unit,
                    "nginx alone",
                    plain,
                    None,
                ),
            ],
            remarks: rounds.remark(NAME).into_iter().collect(),
        })
    }

    /// The task, then the peers beside it: the firewall, nginx, nginx with ModSecurity.
    async fn bring_up(&mut self) -> Result<[Proxy; 3], Failure> {
        policies::put_runtime(self.rig, &policies::runtime(&policies::FEW, false)).await?;
        policies::put_firewall(self.rig).await?;
        let command = ["-c", "/etc/nginx/app.conf", "-g", "daemon off;"];
        let definition = policies::one_container(self.lab, "waas-bench", &self.image, &[NGINX], &command);
        let embedded = self.rig.embed(&definition).await.map_err(lab::failed)?;
        let internet = Internet::default();
        let task = self.rig.start(&embedded, &internet, None).await.map_err(lab::failed)?;
        task.ready(&[policies::EXPOSED, policies::INTERNAL], READY_LIMIT).await.map_err(lab::failed)?;
        let sidecar = task.container(&EmbedNames::default().sidecar).map_err(lab::failed)?.id().clone();
        self.rig.policy_in_force(POLICY_LIMIT).await.map_err(lab::failed)?;
        let firewall = Proxy { port: policies::EXPOSED, container: sidecar, attacks: 403 };
        let plain = self.peer("/etc/nginx/plain.conf", 8082, 200).await?;
        let modsecurity = self.peer("/etc/nginx/nginx.conf", 8081, 403).await?;
        self.task_ready(&[8081, 8082]).await?;
        Ok([firewall, plain, modsecurity])
    }

    async fn task_ready(&self, ports: &[u16]) -> Result<(), Failure> {
        self.rig.task().map_err(lab::failed)?.ready(ports, READY_LIMIT).await.map_err(lab::failed)
    }

    async fn peer(&mut self, file: &str, port: u16, attacks: u16) -> Result<Proxy, Failure> {
        let leaf = self.leaf(&self.image, NGINX, &["-c", file, "-g", "daemon off;"]).await?;
        let container = leaf.id().clone();
        self.leaves.push(leaf);
        Ok(Proxy { port, container, attacks })
    }

    async fn leaf(&self, image: &str, program: &str, arguments: &[&str]) -> Result<Leaf, Failure> {
        let task = self.rig.task().map_err(lab::failed)?.task();
        let spec = LeafSpec {
            image: image.to_owned(),
            program: program.to_owned(),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            labels: self.lab.stage().plan_options("bench-waas").labels,
            beside: task.world().map_err(lab::failed)?.id().clone(),
        };
        Leaf::start(spec).await.map_err(leaf_failed)
    }

    /// One load on one proxy.
    async fn requests_per_core_second(&self, proxy: &Proxy, requests: u32) -> Result<f64, Failure> {
        let engine = self.lab.engine();
        let before = engine.processor_time(&proxy.container).await.map_err(lab::failed)?;
        let load = self.load(proxy.port, requests).await?;
        self.rig.fence(FENCE_LIMIT).await.map_err(lab::failed)?;
        let after = engine.processor_time(&proxy.container).await.map_err(lab::failed)?;
        check(&load, proxy, requests)?;
        Ok(f64::from(requests) / after.saturating_sub(before).as_secs_f64())
    }

    async fn load(&self, port: u16, requests: u32) -> Result<Load, Failure> {
        let (target, connections, requests) =
            (format!("127.0.0.1:{port}"), CONNECTIONS.to_string(), requests.to_string());
        let arguments = ["load", "--target", &target, "--connections", &connections, "--requests", &requests];
        let leaf = self.leaf(&self.actor, "/actor", &arguments).await?;
        let said = leaf.finished(LOAD_LIMIT).await;
        leaf.remove().await.map_err(leaf_failed)?;
        let said = said.map_err(leaf_failed)?;
        serde_json::from_str(&said.stdout)
            .map_err(|_| no_comparison(format!("the load on port {port} failed: {}", said.stderr.trim())))
    }

    async fn take_away(&mut self) -> Result<(), Failure> {
        let mut outcome = Ok(());
        for leaf in self.leaves.drain(..) {
            let removed = leaf.remove().await.map_err(leaf_failed);
            outcome = outcome.and(removed);
        }
        self.rig.remove_task().await;
        outcome
    }
}

/// Three proxies are only compared where they decide alike: all that is benign passes, and every attack gets the status
/// that this proxy has for it.
fn check(load: &Load, proxy: &Proxy, requests: u32) -> Result<(), Failure> {
    let attacks = u64::from(requests) / 10;
    let expected =
        (BTreeMap::from([(200, u64::from(requests) - attacks)]), BTreeMap::from([(proxy.attacks, attacks)]));
    if load.requests == u64::from(requests) && (&load.benign, &load.attacks) == (&expected.0, &expected.1) {
        return Ok(());
    }
    Err(no_comparison(format!(
        "the proxy on port {} did not decide as the others: expected {expected:?} as statuses of benign requests and \
         attacks, found {:?} and {:?}",
        proxy.port, load.benign, load.attacks
    )))
}

fn no_comparison(text: String) -> Failure {
    Failure::new(
        ExitCode::Environment,
        Message::new(text).help("`scripts/assets.sh --bench` builds the images' pieces anew"),
    )
}

fn leaf_failed(error: LeafError) -> Failure {
    Failure::environment(&error, "`docker logs` and `proofhouse doctor` say more")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(benign: &[(u16, u64)], attacks: &[(u16, u64)]) -> Load {
        Load {
            requests: 100,
            benign: benign.iter().copied().collect(),
            attacks: attacks.iter().copied().collect(),
        }
    }

    #[test]
    fn a_proxy_that_lets_an_attack_pass_is_not_compared() {
        let proxy = Proxy { port: 80, container: ContainerId("c".to_owned()), attacks: 403 };
        assert!(check(&load(&[(200, 90)], &[(403, 10)]), &proxy, 100).is_ok());
        assert!(check(&load(&[(200, 90)], &[(403, 9), (200, 1)]), &proxy, 100).is_err());
        assert!(check(&load(&[(200, 89), (502, 1)], &[(403, 10)]), &proxy, 100).is_err());
        assert!(check(&load(&[(200, 80)], &[(403, 10)]), &proxy, 100).is_err());
    }
}
