//! Sections of a runtime rule, as a table has them.

use super::{SECTIONS, effect};
use crate::world::tables::Section;
use crate::world::{StepError, StepResult};
use proofhouse_protocol::runtime_policy::{
    DnsSection, FilesystemSection, NetworkSection, PortRange, ProcessSection,
};
use proofhouse_protocol::{RuleEffect, RuntimeRule};
use serde_json::{Map, json};

/// Entries of a network section by what they are: addresses; `outbound 80` or `outbound 80-90`; `listening` likewise.
fn reaches(entries: &[String]) -> Result<[Vec<String>; 3], StepError> {
    let mut found = [Vec::new(), Vec::new(), Vec::new()];
    for entry in entries {
        match entry.split_once(' ') {
            None => found[0].push(entry.clone()),
            Some(("outbound", range)) => found[1].push(range.trim().to_owned()),
            Some(("listening", range)) => found[2].push(range.trim().to_owned()),
            Some((word, _)) => {
                return Err(StepError::new(format!("\"{word}\" is neither \"outbound\" nor \"listening\"")));
            }
        }
    }
    Ok(found)
}

fn ports(ranges: &[String]) -> Result<Vec<PortRange>, StepError> {
    let range = |text: &String| {
        let (start, end) = text.split_once('-').unwrap_or((text, text));
        let port = |word: &str| word.parse().map_err(|_| StepError::new(format!("\"{word}\" is no port")));
        Ok(PortRange { start: port(start)?, end: port(end)?, deny: false })
    };
    ranges.iter().map(range).collect()
}

/// A Console wants every section in a rule; those that a scenario does not name are disabled.
pub(super) fn fill(rule: &mut RuntimeRule, sections: &[Section]) -> StepResult {
    let mut processes = ProcessSection {
        effect: RuleEffect::Disable,
        whitelist: Vec::new(),
        blacklist: Vec::new(),
        block_all_binaries: false,
        check_crypto_miners: false,
        check_new_binaries: false,
        extra: Map::new(),
    };
    let mut network = NetworkSection {
        effect: RuleEffect::Disable,
        whitelist_ips: Vec::new(),
        blacklist_ips: Vec::new(),
        whitelist_listening_ports: Vec::new(),
        blacklist_listening_ports: Vec::new(),
        whitelist_outbound_ports: Vec::new(),
        blacklist_outbound_ports: Vec::new(),
        extra: Map::new(),
    };
    let mut dns = DnsSection {
        effect: RuleEffect::Disable,
        whitelist: Vec::new(),
        blacklist: Vec::new(),
        extra: Map::new(),
    };
    let mut filesystem = FilesystemSection {
        effect: RuleEffect::Disable,
        whitelist: Vec::new(),
        blacklist: Vec::new(),
        check_new_files: false,
        backdoor_files: false,
        skip_encrypted_binaries: false,
        suspicious_elf_headers: false,
        extra: Map::new(),
    };
    for Section { name, effect: word, allowed, denied, options } in sections {
        let on = |switch: &str| options.iter().any(|option| option == switch);
        let mut known: &[&str] = &[];
        let extra = match name.as_str() {
            "processes" => {
                processes.effect = effect(word)?;
                processes.whitelist.clone_from(allowed);
                processes.blacklist.clone_from(denied);
                processes.block_all_binaries = on("blockAllBinaries");
                processes.check_crypto_miners = on("checkCryptoMiners");
                processes.check_new_binaries = on("checkNewBinaries");
                known = &["blockAllBinaries", "checkCryptoMiners", "checkNewBinaries"];
                &mut processes.extra
            }
            "network" => {
                network.effect = effect(word)?;
                let [addresses, outbound, listening] = reaches(allowed)?;
                network.whitelist_ips = addresses;
                network.whitelist_outbound_ports = ports(&outbound)?;
                network.whitelist_listening_ports = ports(&listening)?;
                let [addresses, outbound, listening] = reaches(denied)?;
                network.blacklist_ips = addresses;
                network.blacklist_outbound_ports = ports(&outbound)?;
                network.blacklist_listening_ports = ports(&listening)?;
                &mut network.extra
            }
            "dns" => {
                dns.effect = effect(word)?;
                dns.whitelist.clone_from(allowed);
                dns.blacklist.clone_from(denied);
                &mut dns.extra
            }
            "filesystem" => {
                filesystem.effect = effect(word)?;
                filesystem.whitelist.clone_from(allowed);
                filesystem.blacklist.clone_from(denied);
                filesystem.check_new_files = on("checkNewFiles");
                filesystem.backdoor_files = on("backdoorFiles");
                filesystem.skip_encrypted_binaries = on("skipEncryptedBinaries");
                filesystem.suspicious_elf_headers = on("suspiciousELFHeaders");
                known = &["checkNewFiles", "backdoorFiles", "skipEncryptedBinaries", "suspiciousELFHeaders"];
                &mut filesystem.extra
            }
            other => {
                return Err(StepError::new(format!(
                    "a runtime rule has no section \"{other}\"; it has {}",
                    SECTIONS.join(", ")
                )));
            }
        };
        for option in options.iter().filter(|option| !known.contains(&option.as_str())) {
            extra.insert(option.clone(), json!(true));
        }
    }
    rule.processes = Some(processes);
    rule.network = Some(network);
    rule.dns = Some(dns);
    rule.filesystem = Some(filesystem);
    Ok(())
}
