//! Parameter types of the steps.

use cucumber::Parameter;
use proofhouse_protocol::actor::Spawn;
use std::str::FromStr;

/// What a rule applies to, as people write it.
#[derive(Debug, Clone, PartialEq, Eq, Parameter)]
#[param(
    name = "scope",
    regex = r#"every container|(?:container|image|app) "[^"]*"(?: (?:and|or) (?:container|image|app) "[^"]*")*"#
)]
pub enum Scope {
    /// Everything.
    Everything,
    /// Collections, each of fields that must all cover: a word (`container`, `image`, `app`) and its values.
    Collections(Vec<Vec<(Selector, Vec<String>)>>),
}

/// A field of a collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selector {
    /// Container names.
    Containers,
    /// Image names.
    Images,
    /// App IDs.
    Apps,
}

impl FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "every container" {
            return Ok(Self::Everything);
        }
        let mut collections = vec![Vec::new()];
        // Words and values take turns: `container "a, b" and app "c" or image "d"`.
        let mut parts = text.split('"');
        while let (Some(words), Some(values)) = (parts.next(), parts.next()) {
            let mut words = words.split_whitespace().rev();
            let selector = match words.next() {
                Some("container") => Selector::Containers,
                Some("image") => Selector::Images,
                Some("app") => Selector::Apps,
                _ => return Err(format!("{text:?} is no scope")),
            };
            if words.next() == Some("or") {
                collections.push(Vec::new());
            }
            let values = values.split(',').map(|value| value.trim().to_owned()).collect();
            collections.last_mut().expect("there is one").push((selector, values));
        }
        // C11: the product does not apply it as it reads, so that no scenario may say what comes of it.
        let names = |fields: &[(Selector, Vec<String>)], wanted| fields.iter().any(|(one, _)| *one == wanted);
        if collections
            .iter()
            .any(|fields| names(fields, Selector::Containers) && names(fields, Selector::Images))
        {
            return Err(format!("{text:?} is one collection of containers and images: make two, with `or`"));
        }
        Ok(Self::Collections(collections))
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
    regex = "python|curl|musl|dig|go|c-ares|raw UDP|raw sendto|raw sendmsg|raw sendmmsg|raw segments|raw segments by option|raw parts|raw TCP"
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
    /// The resolver of a Go program.
    Go,
    /// c-ares, from Python.
    CAres,
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
            "go" => Self::Go,
            "c-ares" => Self::CAres,
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

/// In what time is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Parameter)]
#[param(name = "unit", regex = "seconds?|minutes?|hours?")]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
}

impl Unit {
    /// How many seconds one is.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        match self {
            Self::Seconds => 1,
            Self::Minutes => 60,
            Self::Hours => 3600,
        }
    }

    /// Its name in the plural.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Minutes => "minutes",
            Self::Hours => "hours",
        }
    }
}

impl FromStr for Unit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let units = [Self::Seconds, Self::Minutes, Self::Hours];
        let found =
            units.into_iter().find(|unit| unit.word().trim_end_matches('s') == text.trim_end_matches('s'));
        found.ok_or_else(|| format!("\"{text}\" is no unit of time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_collections_of_fields() {
        let scope = |text: &str| text.parse::<Scope>();
        let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let (containers, apps) = (Selector::Containers, Selector::Apps);
        assert_eq!(scope("every container"), Ok(Scope::Everything));
        assert_eq!(
            scope(r#"container "a, b""#),
            Ok(Scope::Collections(vec![vec![(containers, own(&["a", "b"]))]]))
        );
        let one = vec![(containers, own(&["a"])), (apps, own(&["x*"]))];
        assert_eq!(
            scope(r#"container "a" and app "x*" or container "b""#),
            Ok(Scope::Collections(vec![one, vec![(containers, own(&["b"]))]]))
        );
        assert!(scope(r#"host "a""#).is_err());
    }

    #[test]
    fn containers_and_images_are_not_mixed_in_one_collection() {
        let mixed = r#"container "web" and image "httpd""#.parse::<Scope>();
        assert!(mixed.unwrap_err().contains("make two"));
        assert!(r#"container "web" or image "httpd""#.parse::<Scope>().is_ok());
    }
}
