//! The security group of the task: which ports a client outside may reach.

use std::collections::BTreeSet;
use std::io;

/// Inbound rules by port; everything else is dropped. Only clients are subject to it: what the task itself opens may
/// go anywhere, as with the default outbound rule of AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityGroup {
    /// Name, for people.
    pub name: String,
    /// Ports that may be reached.
    pub inbound: BTreeSet<u16>,
}

/// A connection that the group does not let in.
///
/// On AWS the packets vanish and the client times out; here the client is told at once, with the error kind of a
/// time-out, because the outcome is certain and waiting for it would only cost time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "port {port} is not reachable: security group \"{group}\" lets in {allowed}; on AWS this connection would time out"
)]
pub struct SecurityGroupRefusal {
    /// The group.
    pub group: String,
    /// The port that was tried.
    pub port: u16,
    /// The ports that may be reached, as text.
    pub allowed: String,
}

// ---------------------------------------------------------------------------------------------------------------------

impl SecurityGroup {
    /// A group that lets clients reach those ports.
    pub fn allowing(name: impl Into<String>, ports: impl IntoIterator<Item = u16>) -> Self {
        SecurityGroup { name: name.into(), inbound: ports.into_iter().collect() }
    }

    /// Whether a client may connect to that port.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] with a [`SecurityGroupRefusal`] inside when it may not.
    pub fn admit(&self, port: u16) -> io::Result<()> {
        if self.inbound.contains(&port) {
            return Ok(());
        }
        let allowed = match self.inbound.len() {
            0 => "nothing".to_owned(),
            _ => self.inbound.iter().map(u16::to_string).collect::<Vec<_>>().join(", "),
        };
        Err(io::Error::new(
            io::ErrorKind::TimedOut,
            SecurityGroupRefusal { group: self.name.clone(), port, allowed },
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_a_time_out_that_names_the_group_and_what_it_allows() {
        let group = SecurityGroup::allowing("task", [8080, 80]);
        assert!(group.admit(80).is_ok());
        let error = group.admit(22).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(
            error.to_string(),
            "port 22 is not reachable: security group \"task\" lets in 80, 8080; on AWS this connection would time out"
        );
    }

    #[test]
    fn an_empty_group_lets_nothing_in() {
        let error = SecurityGroup::allowing("closed", []).admit(80).unwrap_err();
        assert!(error.to_string().contains("lets in nothing"));
    }
}
