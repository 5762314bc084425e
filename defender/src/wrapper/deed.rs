//! What custom rules ask of a process, and of what it does. Nothing is worked out that is not asked for.

use super::proc;
use proofhouse_custom_rules::{Event, Fields, MapAttribute, RuntimeText, TextAttribute};
use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

/// A process, and what it is about to do: to run a program, to reach an address, to look a name up.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// Process id.
    pub pid: i32,
    /// The program: the one that starts, or the one that does it.
    pub executable: &'a str,
    /// Its arguments, where they are known already.
    pub command: Option<&'a [String]>,
    /// What is reached.
    pub peer: Option<SocketAddr>,
    /// What is looked up.
    pub domain: &'a str,
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

impl Event for Deed<'_> {
    fn text(&self, attribute: TextAttribute) -> Cow<'_, [u8]> {
        let TextAttribute::Runtime(attribute) = attribute else { return Cow::Borrowed(b"") };
        match attribute {
            RuntimeText::Name => base_name(self.executable).as_bytes().into(),
            RuntimeText::Path => self.executable.as_bytes().into(),
            RuntimeText::ParentName => {
                let parent = proc::parent(self.pid).and_then(|parent| proc::executable(parent).ok());
                base_name(&parent.unwrap_or_default()).as_bytes().to_vec().into()
            }
            RuntimeText::User => proc::user(self.pid).unwrap_or_default().into_bytes().into(),
            RuntimeText::CommandLine => match self.command {
                Some(command) => command.join(" ").into_bytes().into(),
                None => proc::command(self.pid).join(" ").into_bytes().into(),
            },
            RuntimeText::Domain => self.domain.as_bytes().into(),
        }
    }

    fn fields(&self, _: MapAttribute) -> Fields<'_> {
        Box::new(std::iter::empty())
    }

    fn peer_address(&self) -> Option<IpAddr> {
        self.peer.map(|peer| peer.ip())
    }

    fn port(&self) -> Option<u16> {
        self.peer.map(|peer| peer.port()).filter(|port| *port != 0)
    }

    fn status_code(&self) -> Option<u16> {
        None
    }
}
