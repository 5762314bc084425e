//! The faults of the task's network: which packets vanish, and which take the way through [`crate::impairment`].
//!
//! Rules in the task namespace choose the packets; nothing is there before the first fault. A packet that the task sends
//! into a black hole, or that is to be late or lost, leaves by the task ENI like any other, but to a hardware address that is
//! not the gateway's: the kernel outside drops it, and only the impairment picks up what is meant for it. A packet that comes
//! in to a black hole is dropped by its rule. Nobody is told in either case, as with the firewall rules that Fargate's agent
//! sets (`reference/fargate.md` 3.5).

use crate::impairment::{self, Running};
use crate::links::{hardware_of, index_of};
use crate::namespace::{Outside, Task};
use crate::rules::{Action, Rule, add_detour, add_neighbour};
use proofhouse_wire::relay::{Blackhole, Direction, Faults, Impairment, Subnet, Transport, WorldNetwork};
use std::io;
use std::net::Ipv4Addr;

const SPARED_BY_A_BLACKHOLE: u32 = 100;
const BLACKHOLES: u32 = 101;
const LOCAL: u32 = 1000;
const SPARED_BY_THE_IMPAIRMENT: u32 = 2000;
const IMPAIRED: u32 = 2001;
const MAIN: u32 = 32_766;

const LOOPBACK_ADDRESSES: Subnet = Subnet { address: Ipv4Addr::new(127, 0, 0, 0), prefix: 8 };
const LINK_LOCAL: Subnet = Subnet { address: Ipv4Addr::new(169, 254, 0, 0), prefix: 16 };

/// Next hops that are nobody: table, address on the link, hardware address (locally administered).
const NOWHERE: (u8, Ipv4Addr, [u8; 6]) = (101, Ipv4Addr::new(169, 254, 0, 1), [0x02, 0, 0, 0, 0xfa, 1]);
const AROUND: (u8, Ipv4Addr, [u8; 6]) = (102, Ipv4Addr::new(169, 254, 0, 2), impairment::HARDWARE);

/// The faults of a task that act now.
#[derive(Default)]
pub struct TaskFaults {
    network: Option<WorldNetwork>,
    detours_are_there: bool,
    rules: Vec<Rule>,
    impairment: Option<(Impairment, Running)>,
}

// ---------------------------------------------------------------------------------------------------------------------

impl TaskFaults {
    /// Notes the network that was built; it has no fault.
    pub fn begin(&mut self, network: WorldNetwork) {
        *self = TaskFaults { network: Some(network), rules: usual_rules(), ..TaskFaults::default() };
    }

    /// Has these faults act, and no others. When it fails, the rules are those of before.
    pub fn set(&mut self, task: &Task, outside: &Outside, faults: &Faults) -> io::Result<()> {
        let Some(network) = self.network.clone() else {
            return Err(io::Error::new(io::ErrorKind::NotConnected, "the network is not built yet"));
        };
        if *faults != Faults::default() && !self.detours_are_there {
            make_detours(task, &network)?;
            self.detours_are_there = true;
        }
        let wanted = rules_of(&network, faults);
        let known = self.impairment.as_ref().map(|(known, _)| known);
        if known == faults.impairment.as_ref() {
            return self.change_rules(task, wanted);
        }
        // It is there before the first packet is sent its way, and the one of before until the last was.
        let next = faults
            .impairment
            .as_ref()
            .map(|next| Ok::<_, io::Error>((next.clone(), start(task, outside, next)?)));
        let next = next.transpose()?;
        self.change_rules(task, wanted)?;
        self.impairment = next;
        Ok(())
    }

    /// Adds what is new, then deletes what is no longer wanted: a fault that stays has no gap.
    fn change_rules(&mut self, task: &Task, wanted: Vec<Rule>) -> io::Result<()> {
        let (before, after) = (&self.rules, &wanted);
        let mut added: Vec<&Rule> = Vec::new();
        for rule in after.iter().filter(|rule| !before.contains(rule)) {
            if let Err(error) = rule.add(&task.route) {
                // What cannot be taken back either is told with the error that led to it.
                added.iter().for_each(|rule| drop(rule.delete(&task.route)));
                return Err(error);
            }
            added.push(rule);
        }
        for rule in before.iter().filter(|rule| !after.contains(rule)) {
            rule.delete(&task.route)?;
        }
        self.rules = wanted;
        Ok(())
    }
}

/// What the kernel begins with, as far as it is ever changed.
fn usual_rules() -> Vec<Rule> {
    vec![Rule::all(0, Action::Table(libc::RT_TABLE_LOCAL))]
}

/// All rules for these faults. Those of different black holes never fit the same packet, so each kind has one priority.
fn rules_of(network: &WorldNetwork, faults: &Faults) -> Vec<Rule> {
    if *faults == Faults::default() {
        return usual_rules();
    }
    // A black hole also takes what goes to the task itself, so it comes before the table of its own addresses.
    let mut rules = vec![Rule::all(LOCAL, Action::Table(libc::RT_TABLE_LOCAL))];
    for blackhole in &faults.blackholes {
        match blackhole.direction {
            Direction::Egress => egress(network, blackhole, &mut rules),
            Direction::Ingress => ingress(network, blackhole, &mut rules),
        }
    }
    if let Some(impairment) = &faults.impairment {
        let made_here = |priority, destination, action| Rule {
            input: Some("lo"),
            destination: Some(destination),
            ..Rule::all(priority, action)
        };
        // The agent's link and the blocked host are not reached by the task ENI, whose packets alone are concerned.
        for spared in impairment.spared.iter().chain([&LINK_LOCAL]) {
            rules.push(made_here(SPARED_BY_THE_IMPAIRMENT, *spared, Action::Goto(MAIN)));
        }
        for source in &impairment.sources {
            rules.push(made_here(IMPAIRED, *source, Action::Table(AROUND.0)));
        }
    }
    without_repetition(rules)
}

fn egress(network: &WorldNetwork, blackhole: &Blackhole, rules: &mut Vec<Rule>) {
    let port = Some((protocol(blackhole.transport), blackhole.port));
    let made_here = |priority, action| Rule { input: Some("lo"), port, ..Rule::all(priority, action) };
    let metadata = Subnet::single(network.metadata);
    let spared = blackhole.spared.iter().chain((blackhole.port == 80).then_some(&metadata));
    for destination in spared {
        let spared = made_here(SPARED_BY_A_BLACKHOLE, Action::Goto(LOCAL));
        rules.push(Rule { destination: Some(*destination), ..spared });
    }
    rules.push(made_here(BLACKHOLES, Action::Table(NOWHERE.0)));
}

fn ingress(network: &WorldNetwork, blackhole: &Blackhole, rules: &mut Vec<Rule>) {
    let port = Some((protocol(blackhole.transport), blackhole.port));
    for link in ["eth0", "eth1"] {
        let comes_in = |priority, action| Rule { input: Some(link), port, ..Rule::all(priority, action) };
        for source in &blackhole.spared {
            let spared = comes_in(SPARED_BY_A_BLACKHOLE, Action::Goto(LOCAL));
            rules.push(Rule { source: Some(*source), ..spared });
        }
        rules.push(comes_in(BLACKHOLES, Action::Drop));
    }
    // What the task sends to itself is looked up once only, on its way out.
    let own = [LOOPBACK_ADDRESSES, Subnet::single(network.eni_address), Subnet::single(network.link_address)];
    for own in own {
        let to_itself = |priority, action| Rule {
            input: Some("lo"),
            destination: Some(own),
            port,
            ..Rule::all(priority, action)
        };
        if blackhole.spared.iter().any(|spared| contains(spared, &own)) {
            rules.push(to_itself(SPARED_BY_A_BLACKHOLE, Action::Goto(LOCAL)));
        }
        rules.push(to_itself(BLACKHOLES, Action::Table(NOWHERE.0)));
    }
}

/// The kernel refuses a rule that it has.
fn without_repetition(rules: Vec<Rule>) -> Vec<Rule> {
    let mut kept: Vec<Rule> = Vec::new();
    for rule in rules {
        if !kept.contains(&rule) {
            kept.push(rule);
        }
    }
    kept
}

fn contains(whole: &Subnet, part: &Subnet) -> bool {
    whole.prefix <= part.prefix && Subnet::new(part.address, whole.prefix) == Some(*whole)
}

fn protocol(transport: Transport) -> u8 {
    match transport {
        Transport::Tcp => libc::IPPROTO_TCP as u8,
        Transport::Udp => libc::IPPROTO_UDP as u8,
    }
}

fn make_detours(task: &Task, network: &WorldNetwork) -> io::Result<()> {
    let route = &task.route;
    let eni = index_of(route, "eth1")?;
    for (table, hop, hardware) in [NOWHERE, AROUND] {
        add_neighbour(route, eni, hop, hardware)?;
        add_detour(route, table, eni, hop, network.eni_address)?;
    }
    Ok(())
}

fn start(task: &Task, outside: &Outside, impairment: &Impairment) -> io::Result<Running> {
    let near = index_of(&task.route, "eth1")?;
    let far = index_of(&outside.route, "vpc")?;
    let gateway = hardware_of(&outside.route, "vpc")?;
    let way = impairment::Way::open(far, task.packet_socket()?, near, gateway)?;
    Ok(impairment::start(way, impairment))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blackhole(direction: Direction, port: u16, spared: &[&str]) -> Faults {
        let spared = spared.iter().filter_map(|text| Subnet::parse(text).unwrap()).collect();
        let transport = Transport::Tcp;
        let blackholes = vec![Blackhole { direction, transport, port, spared }];
        Faults { blackholes, impairment: None }
    }

    fn of(faults: &Faults) -> Vec<Rule> {
        rules_of(&WorldNetwork::default(), faults)
    }

    #[test]
    fn without_faults_the_rules_are_the_kernels() {
        assert_eq!(of(&Faults::default()), usual_rules());
    }

    #[test]
    fn egress_on_port_80_spares_the_metadata_service_and_other_ports_do_not() {
        let spared = |port| {
            let rules = of(&blackhole(Direction::Egress, port, &[]));
            let spared = rules.iter().filter(|rule| rule.priority == SPARED_BY_A_BLACKHOLE);
            spared.filter_map(|rule| rule.destination).map(|to| to.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(spared(80), ["169.254.170.2/32"]);
        assert_eq!(spared(443), Vec::<String>::new());
        let twice = of(&blackhole(Direction::Egress, 80, &["169.254.170.2"]));
        assert_eq!(twice.iter().filter(|rule| rule.priority == SPARED_BY_A_BLACKHOLE).count(), 1);
    }

    #[test]
    fn ingress_is_dropped_on_both_links_and_to_the_task_itself() {
        let rules = of(&blackhole(Direction::Ingress, 7001, &["203.0.113.0/24"]));
        let dropped = rules.iter().filter(|rule| rule.action == Action::Drop);
        assert_eq!(dropped.filter_map(|rule| rule.input).collect::<Vec<_>>(), ["eth0", "eth1"]);
        let lost = rules.iter().filter(|rule| rule.action == Action::Table(NOWHERE.0));
        assert_eq!(lost.count(), 3);
        let spared = rules.iter().filter(|rule| rule.priority == SPARED_BY_A_BLACKHOLE);
        assert!(spared.clone().all(|rule| rule.source.is_some() && rule.action == Action::Goto(LOCAL)));
        assert_eq!(spared.count(), 2);
    }

    #[test]
    fn a_block_contains_its_parts_only() {
        let subnet = |text| Subnet::parse(text).unwrap().unwrap();
        assert!(contains(&subnet("127.0.0.0/8"), &LOOPBACK_ADDRESSES));
        assert!(contains(&subnet("0.0.0.0/0"), &subnet("10.0.42.7")));
        assert!(!contains(&subnet("127.0.0.1"), &LOOPBACK_ADDRESSES));
        assert!(!contains(&subnet("10.0.43.0/24"), &subnet("10.0.42.7")));
    }

    #[test]
    fn an_impairment_never_concerns_the_agents_link() {
        let impairment = Impairment {
            effect: proofhouse_wire::relay::Effect::Loss { percent: 100 },
            sources: vec![Subnet::parse("0.0.0.0/0").unwrap().unwrap()],
            spared: Vec::new(),
            flows_percent: 100,
        };
        let rules = of(&Faults { blackholes: Vec::new(), impairment: Some(impairment) });
        let spared = rules.iter().position(|rule| rule.destination == Some(LINK_LOCAL)).unwrap();
        let hit = rules.iter().position(|rule| rule.action == Action::Table(AROUND.0)).unwrap();
        assert!(rules[spared].priority < rules[hit].priority);
        assert_eq!(rules[spared].action, Action::Goto(MAIN));
    }
}
