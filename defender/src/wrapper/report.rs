//! Audits of a wrapper. What only the sidecar knows (App ID, cloud, version) it adds itself.

use crate::decision::{FileViolation, Finding, NetworkViolation, Violation, scrub};
use jiff::Timestamp;
use proofhouse_protocol::audit::RuntimeAuditType;
use proofhouse_protocol::{RuleEffect, RuntimeAudit};
use std::net::SocketAddr;

/// The container that a wrapper stands for.
#[derive(Debug, Clone)]
pub struct Identity {
    /// `TW_CONTAINER_NAME`.
    pub container: String,
    /// `TW_IMAGE_NAME`.
    pub image: String,
}

/// The process that an audit is about.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Process id in the container.
    pub pid: i32,
    /// The program: the denied one, or the one that asks.
    pub executable: String,
    /// What it was started as, where that is another name: a link, a script, a path by another way.
    pub invoked: Option<String>,
    /// Its argument vector.
    pub command: Vec<String>,
    /// Its user.
    pub user: Option<String>,
}

impl Identity {
    /// A program ran, or was kept from it (message shapes: section 3.9 of `runtime-and-embed.md`).
    #[must_use]
    pub fn launch(&self, subject: &Subject, finding: &Finding, rule: &str) -> RuntimeAudit {
        let violation = finding.violation;
        let path = match &subject.invoked {
            Some(invoked) => format!("{} (started as {invoked})", subject.executable),
            None => subject.executable.clone(),
        };
        let command = scrub(&subject.command);
        let msg = match violation {
            Violation::Denied => {
                format!("{path} launched and is explicitly denied by runtime rule. Full command: {command}")
            }
            Violation::CryptoMiner => {
                format!("{path} launched and is identified as a crypto miner. Full command: {command}")
            }
            Violation::Modified => format!("A modified executable {path} was launched"),
            Violation::Altered => format!(
                "{path} launched and is detected as an altered or corrupted package binary. Full command: {command}"
            ),
            Violation::Custom => finding.message.clone().unwrap_or_default(),
        };
        RuntimeAudit {
            severity: Some(violation.severity().to_owned()),
            kind: RuntimeAuditType::Processes,
            attack_type: violation.attack_type().to_owned(),
            attack_techniques: violation.technique().map(|technique| vec![technique.to_owned()]),
            msg,
            ..self.audit(subject, rule, finding.prevents)
        }
    }

    /// A name was looked up that no one may look up.
    #[must_use]
    pub fn denied_lookup(
        &self,
        subject: &Subject,
        domain: &str,
        rule: &str,
        prevented: bool,
    ) -> RuntimeAudit {
        let path = &subject.executable;
        RuntimeAudit {
            severity: Some("high".to_owned()),
            kind: RuntimeAuditType::Network,
            attack_type: "explicitlyDeniedDNS".to_owned(),
            domain: Some(domain.to_owned()),
            msg: format!(
                "DNS resolution of domain name {domain} triggered by {path} explicitly denied by a runtime rule"
            ),
            ..self.audit(subject, rule, prevented)
        }
    }

    /// A name was looked up of which a custom rule says something.
    #[must_use]
    pub fn custom_lookup(
        &self,
        subject: &Subject,
        domain: &str,
        message: &str,
        rule: &str,
        prevented: bool,
    ) -> RuntimeAudit {
        RuntimeAudit {
            severity: Some(NetworkViolation::Custom.severity().to_owned()),
            kind: RuntimeAuditType::Network,
            attack_type: NetworkViolation::Custom.attack_type().to_owned(),
            domain: Some(domain.to_owned()),
            msg: message.to_owned(),
            ..self.audit(subject, rule, prevented)
        }
    }

    /// Something was sent to a DNS server of which nobody can tell what it asks (declared choice: it has no `domain`).
    #[must_use]
    pub fn unreadable_question(&self, subject: &Subject, rule: &str, prevented: bool) -> RuntimeAudit {
        let path = &subject.executable;
        RuntimeAudit {
            severity: Some("high".to_owned()),
            kind: RuntimeAuditType::Network,
            attack_type: "explicitlyDeniedDNS".to_owned(),
            msg: format!(
                "DNS message without a readable question sent by {path} explicitly denied by a runtime rule"
            ),
            ..self.audit(subject, rule, prevented)
        }
    }

    /// A file was made or changed, or was kept from it. The reference has no message of it: the words are ours.
    #[must_use]
    pub fn file(
        &self,
        subject: &Subject,
        violation: FileViolation,
        path: &str,
        rule: &str,
        prevented: bool,
    ) -> RuntimeAudit {
        let (process, command) = (&subject.executable, scrub(&subject.command));
        RuntimeAudit {
            severity: Some(violation.severity().to_owned()),
            kind: RuntimeAuditType::Filesystem,
            attack_type: violation.attack_type().to_owned(),
            filepath: Some(path.to_owned()),
            msg: format!("{process} {}: {path}. Full command: {command}", violation.words()),
            ..self.audit(subject, rule, prevented)
        }
    }

    /// An address or a port was to be reached, or listened on, that no one may.
    #[must_use]
    pub fn denied_reach(
        &self,
        subject: &Subject,
        violation: NetworkViolation,
        at: SocketAddr,
        message: Option<&str>,
        rule: &str,
        prevented: bool,
    ) -> RuntimeAudit {
        let (path, ip, port) = (&subject.executable, at.ip(), at.port());
        let msg = match violation {
            NetworkViolation::Address => {
                format!("Outbound connection {path} to IP {ip} is explicitly denied by a runtime rule")
            }
            NetworkViolation::OutboundPort => {
                format!(
                    "Outbound connection {path} to port {port} (IP: {ip}) is explicitly denied by a runtime rule"
                )
            }
            NetworkViolation::ListeningPort => {
                format!("Process {path} is listening on port {port} explicitly denied by a runtime rule")
            }
            NetworkViolation::Custom => message.unwrap_or_default().to_owned(),
        };
        RuntimeAudit {
            severity: Some(violation.severity().to_owned()),
            kind: RuntimeAuditType::Network,
            attack_type: violation.attack_type().to_owned(),
            ip: (violation != NetworkViolation::ListeningPort).then(|| ip.to_string()),
            port: (port != 0).then_some(port),
            msg,
            ..self.audit(subject, rule, prevented)
        }
    }

    fn audit(&self, subject: &Subject, rule: &str, prevented: bool) -> RuntimeAudit {
        RuntimeAudit {
            id: None,
            time: Timestamp::now(),
            version: None,
            count: 1,
            severity: None,
            kind: RuntimeAuditType::Processes,
            attack_type: String::new(),
            attack_techniques: None,
            effect: if prevented { RuleEffect::Prevent } else { RuleEffect::Alert },
            rule_name: rule.to_owned(),
            msg: String::new(),
            hostname: String::new(),
            app_id: String::new(),
            container: true,
            container_name: Some(self.container.clone()),
            container_id: None,
            image_name: Some(self.image.clone()),
            profile_id: None,
            collections: None,
            provider: None,
            account_id: None,
            region: None,
            cluster: None,
            resource_id: None,
            user: subject.user.clone(),
            pid: Some(subject.pid),
            process_path: Some(subject.executable.clone()),
            command: Some(scrub(&subject.command)),
            domain: None,
            ip: None,
            port: None,
            filepath: None,
        }
    }
}
