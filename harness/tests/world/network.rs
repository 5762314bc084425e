//! The interfaces, routes and files of the task.

use crate::support::in_a_world;
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn a_task_sees_the_interfaces_routes_and_files_of_fargate() {
    in_a_world(|world| async move {
        let script =
            "ip -o -4 addr; ip -o link; ip route; cat /etc/hosts /etc/resolv.conf /etc/hostname; hostname";
        let seen = world.run(script).await.output;
        eprintln!("configured after {:?}\n{seen}", world.configured_after);
        for expected in [
            "eth0    inet 169.254.172.2/22 ",
            "eth1    inet 10.0.42.7/24 ",
            "default via 10.0.42.1 dev eth1",
            "169.254.170.2 via 169.254.172.1 dev eth0",
            "blackhole 169.254.169.254",
            "link/ether 0e:5a:0a:00:2a:07",
        ] {
            assert!(seen.contains(expected), "no {expected:?} in\n{seen}");
        }
        let eni = seen.lines().find(|line| line.contains(" eth1") && line.contains("mtu")).expect("eth1");
        assert!(eni.contains("mtu 9001") && eni.contains("UP"), "{eni}");
        assert!(
            seen.ends_with(
                "127.0.0.1 localhost\n10.0.42.7 ip-10-0-42-7.eu-central-1.compute.internal\n\
             nameserver 10.0.42.2\nsearch eu-central-1.compute.internal\n\
             ip-10-0-42-7.eu-central-1.compute.internal\nip-10-0-42-7.eu-central-1.compute.internal\n"
            ),
            "{seen}"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_metadata_of_the_host_is_refused_at_once() {
    in_a_world(|world| async move {
        let start = Instant::now();
        let seen = world.run("wget -O - http://169.254.169.254/latest/meta-data/").await;
        assert_ne!(seen.code, 0);
        assert!(seen.output.contains("Invalid argument"), "{}", seen.output);
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orphans_in_the_process_namespace_of_the_world_are_not_left_as_zombies() {
    in_a_world(|world| async move {
        let script = "(sh -c 'echo $$ >/pid; exec sleep 0' &); while [ ! -s /pid ]; do :; done; read -r orphan </pid; \
             end=$(($(date +%s) + 10)); while [ -d /proc/$orphan ] && [ $(date +%s) -lt $end ]; do :; done; \
             ps -o pid,stat,comm";
        let id = world.shell_among_all_processes(script).await;
        let seen = world.ran(&id).await.output;
        assert!(seen.contains(" world"), "the agent is among all processes: {seen}");
        assert!(!seen.contains(" Z"), "{seen}");
    })
    .await;
}
