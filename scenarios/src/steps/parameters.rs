//! Parameter types of the steps.

use cucumber::Parameter;
use proofhouse_protocol::actor::Spawn;
use std::str::FromStr;

/// What a rule applies to, as people write it.
#[derive(Debug, Clone, PartialEq, Eq, Parameter)]
#[param(name = "scope", regex = r#"every container|container "[^"]*"|image "[^"]*"|app "[^"]*""#)]
pub enum Scope {
    /// Everything.
    Everything,
    /// Container names.
    Containers(Vec<String>),
    /// Image names.
    Images(Vec<String>),
    /// App IDs.
    Apps(Vec<String>),
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (what, rest) = text.split_once(' ').ok_or_else(|| format!("\"{text}\" is no scope"))?;
        let values = || rest.trim_matches('"').split(',').map(|value| value.trim().to_owned()).collect();
        match what {
            "every" => Ok(Self::Everything),
            "container" => Ok(Self::Containers(values())),
            "image" => Ok(Self::Images(values())),
            "app" => Ok(Self::Apps(values())),
            _ => Err(format!("\"{text}\" is no scope")),
        }
    }
}

/// The way a program is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Parameter)]
#[param(name = "way", regex = "fork|vfork|posix_spawn|execveat|fexecve|daemon|thread|memory|interrupt")]
pub struct Way(pub Spawn);

impl FromStr for Way {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(match text {
            "fork" => Spawn::Fork,
            "vfork" => Spawn::Vfork,
            "posix_spawn" => Spawn::PosixSpawn,
            "execveat" => Spawn::ExecveAt,
            "fexecve" => Spawn::Fexecve,
            "daemon" => Spawn::Daemon,
            "thread" => Spawn::Thread,
            "memory" => Spawn::Memory,
            "interrupt" => Spawn::Interrupt,
            _ => return Err(format!("\"{text}\" is no way to start a program")),
        }))
    }
}

/// Who asks for a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Parameter)]
#[param(
    name = "resolver",
    regex = "python|curl|musl|dig|raw UDP|raw sendto|raw sendmsg|raw sendmmsg|raw segments|raw segments by option|raw parts|raw TCP"
)]
pub enum Resolver {
    /// `getaddrinfo` of glibc, from Python.
    Python,
    /// curl, with glibc.
    Curl,
    /// `getaddrinfo` of musl.
    Musl,
    /// BIND's `dig`.
    Dig,
    /// The actor: UDP, connected socket.
    RawUdp,
    /// The actor: UDP, `sendto`.
    RawSendTo,
    /// The actor: UDP, `sendmsg`.
    RawSendMsg,
    /// The actor: UDP, `sendmmsg`.
    RawSendMmsg,
    /// The actor: UDP, the second datagram of a segmented `sendmsg`.
    RawSegments,
    /// The actor: UDP, the second datagram of a segmented `sendto`.
    RawSegmentsByOption,
    /// The actor: UDP, a datagram of two `sendto`.
    RawParts,
    /// The actor: TCP.
    RawTcp,
}

impl FromStr for Resolver {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "python" => Self::Python,
            "curl" => Self::Curl,
            "musl" => Self::Musl,
            "dig" => Self::Dig,
            "raw UDP" => Self::RawUdp,
            "raw sendto" => Self::RawSendTo,
            "raw sendmsg" => Self::RawSendMsg,
            "raw sendmmsg" => Self::RawSendMmsg,
            "raw segments" => Self::RawSegments,
            "raw segments by option" => Self::RawSegmentsByOption,
            "raw parts" => Self::RawParts,
            "raw TCP" => Self::RawTcp,
            _ => return Err(format!("\"{text}\" is no resolver")),
        })
    }
}

/// What a stranger shows at the Defender link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Parameter)]
#[param(name = "certificate", regex = "no certificate|a certificate of another issuer")]
pub enum Certificate {
    /// None.
    None,
    /// A valid one, of an authority that the Console does not know.
    Foreign,
}

impl FromStr for Certificate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "no certificate" => Ok(Self::None),
            "a certificate of another issuer" => Ok(Self::Foreign),
            _ => Err(format!("\"{text}\" is no certificate")),
        }
    }
}

/// An install bundle that the Console did not give to this sidecar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Parameter)]
#[param(name = "bundle", regex = "that is none|that is cut off|that has expired|of another Console")]
pub enum Bundle {
    /// Text that is no bundle.
    Garbled,
    /// The first half of one.
    Cut,
    /// One whose certificate expired years ago.
    Expired,
    /// One of another authority.
    Foreign,
}

impl FromStr for Bundle {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "that is none" => Ok(Self::Garbled),
            "that is cut off" => Ok(Self::Cut),
            "that has expired" => Ok(Self::Expired),
            "of another Console" => Ok(Self::Foreign),
            _ => Err(format!("\"{text}\" is no kind of bundle")),
        }
    }
}
