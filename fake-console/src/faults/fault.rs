//! The faults that a Console can have, by name.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A fault of the REST API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RestFault {
    /// Connections are closed as soon as they are accepted.
    Refuse,
    /// Calls are accepted and never answered.
    Hang,
    /// Each answer waits so long.
    Slow(Duration),
    /// A connection dies after the Console has written so many bytes, TLS included.
    Cut(u64),
    /// Each call is answered with this status and changes nothing.
    Status(u16),
}

/// A fault of the Defender link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkFault {
    /// Connections are closed as soon as they are accepted.
    Refuse,
    /// Connections are accepted, and nothing is ever said on them.
    Hang,
    /// Each message waits so long.
    Slow(Duration),
    /// A connection dies after the Console has written so many bytes, TLS included.
    Cut(u64),
    /// The revision before the current one is pushed in its place.
    StalePolicy,
    /// Each push is followed by the oldest revision that the Console remembers.
    ReplayPolicy,
    /// Revisions are well-formed JSON of the wrong shape.
    MalformedPolicy,
    /// Revisions end in the middle.
    TruncatedPolicy,
    /// Audits are stored, but not acknowledged.
    LoseAcks,
    /// The connection is closed after the hello.
    CloseAfterHello,
    /// The connection stays open, and nothing more is read from it: neither messages nor pings.
    StopReading,
}

/// Which certificate the Console shows, on both planes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ServerCertificate {
    /// For another name.
    WrongName,
    /// Expired years ago.
    Expired,
    /// From an authority that nobody knows.
    ForeignAuthority,
}

/// One fault. Its text form is its name in features and in the history: `rest-status:503`, `link-lose-acks`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Of the REST API.
    Rest(RestFault),
    /// Of the Defender link.
    Link(LinkFault),
    /// Of the server certificate.
    Certificate(ServerCertificate),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rest(RestFault::Refuse) => f.write_str("rest-refuse"),
            Self::Rest(RestFault::Hang) => f.write_str("rest-hang"),
            Self::Rest(RestFault::Slow(by)) => write!(f, "rest-slow:{}", by.as_millis()),
            Self::Rest(RestFault::Cut(after)) => write!(f, "rest-cut:{after}"),
            Self::Rest(RestFault::Status(status)) => write!(f, "rest-status:{status}"),
            Self::Link(LinkFault::Refuse) => f.write_str("link-refuse"),
            Self::Link(LinkFault::Hang) => f.write_str("link-hang"),
            Self::Link(LinkFault::Slow(by)) => write!(f, "link-slow:{}", by.as_millis()),
            Self::Link(LinkFault::Cut(after)) => write!(f, "link-cut:{after}"),
            Self::Link(LinkFault::StalePolicy) => f.write_str("link-stale-policy"),
            Self::Link(LinkFault::ReplayPolicy) => f.write_str("link-replay-policy"),
            Self::Link(LinkFault::MalformedPolicy) => f.write_str("link-malformed-policy"),
            Self::Link(LinkFault::TruncatedPolicy) => f.write_str("link-truncated-policy"),
            Self::Link(LinkFault::LoseAcks) => f.write_str("link-lose-acks"),
            Self::Link(LinkFault::CloseAfterHello) => f.write_str("link-close-after-hello"),
            Self::Link(LinkFault::StopReading) => f.write_str("link-stop-reading"),
            Self::Certificate(ServerCertificate::WrongName) => f.write_str("certificate-wrong-name"),
            Self::Certificate(ServerCertificate::Expired) => f.write_str("certificate-expired"),
            Self::Certificate(ServerCertificate::ForeignAuthority) => {
                f.write_str("certificate-foreign-authority")
            }
        }
    }
}

/// A text that names no fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is no fault: use rest-refuse, rest-hang, rest-slow:MILLISECONDS, rest-cut:BYTES, rest-status:500..599, \
     link-refuse, link-hang, link-slow:MILLISECONDS, link-cut:BYTES, link-stale-policy, link-replay-policy, \
     link-malformed-policy, link-truncated-policy, link-lose-acks, link-close-after-hello, link-stop-reading, \
     certificate-wrong-name, certificate-expired or certificate-foreign-authority"
)]
pub struct BadFault(pub String);

impl FromStr for Fault {
    type Err = BadFault;

    fn from_str(text: &str) -> Result<Self, BadFault> {
        let bad = || BadFault(text.to_owned());
        let (name, number) = match text.split_once(':') {
            Some((name, number)) => (name, Some(number.parse::<u64>().map_err(|_| bad())?)),
            None => (text, None),
        };
        Ok(match (name, number) {
            ("rest-refuse", None) => Self::Rest(RestFault::Refuse),
            ("rest-hang", None) => Self::Rest(RestFault::Hang),
            ("rest-slow", Some(ms)) => Self::Rest(RestFault::Slow(Duration::from_millis(ms))),
            ("rest-cut", Some(after)) => Self::Rest(RestFault::Cut(after)),
            ("rest-status", Some(status)) => match u16::try_from(status) {
                Ok(status @ 500..=599) => Self::Rest(RestFault::Status(status)),
                _ => return Err(bad()),
            },
            ("link-refuse", None) => Self::Link(LinkFault::Refuse),
            ("link-hang", None) => Self::Link(LinkFault::Hang),
            ("link-slow", Some(ms)) => Self::Link(LinkFault::Slow(Duration::from_millis(ms))),
            ("link-cut", Some(after)) => Self::Link(LinkFault::Cut(after)),
            ("link-stale-policy", None) => Self::Link(LinkFault::StalePolicy),
            ("link-replay-policy", None) => Self::Link(LinkFault::ReplayPolicy),
            ("link-malformed-policy", None) => Self::Link(LinkFault::MalformedPolicy),
            ("link-truncated-policy", None) => Self::Link(LinkFault::TruncatedPolicy),
            ("link-lose-acks", None) => Self::Link(LinkFault::LoseAcks),
            ("link-close-after-hello", None) => Self::Link(LinkFault::CloseAfterHello),
            ("link-stop-reading", None) => Self::Link(LinkFault::StopReading),
            ("certificate-wrong-name", None) => Self::Certificate(ServerCertificate::WrongName),
            ("certificate-expired", None) => Self::Certificate(ServerCertificate::Expired),
            ("certificate-foreign-authority", None) => Self::Certificate(ServerCertificate::ForeignAuthority),
            _ => return Err(bad()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_fault() -> impl Strategy<Value = Fault> {
        let ms = (0_u64..100_000).prop_map(Duration::from_millis);
        prop_oneof![
            Just(Fault::Rest(RestFault::Refuse)),
            Just(Fault::Rest(RestFault::Hang)),
            ms.clone().prop_map(|d| Fault::Rest(RestFault::Slow(d))),
            any::<u64>().prop_map(|n| Fault::Rest(RestFault::Cut(n))),
            (500_u16..600).prop_map(|n| Fault::Rest(RestFault::Status(n))),
            Just(Fault::Link(LinkFault::Refuse)),
            Just(Fault::Link(LinkFault::Hang)),
            ms.prop_map(|d| Fault::Link(LinkFault::Slow(d))),
            any::<u64>().prop_map(|n| Fault::Link(LinkFault::Cut(n))),
            Just(Fault::Link(LinkFault::StalePolicy)),
            Just(Fault::Link(LinkFault::ReplayPolicy)),
            Just(Fault::Link(LinkFault::MalformedPolicy)),
            Just(Fault::Link(LinkFault::TruncatedPolicy)),
            Just(Fault::Link(LinkFault::LoseAcks)),
            Just(Fault::Link(LinkFault::CloseAfterHello)),
            Just(Fault::Link(LinkFault::StopReading)),
            Just(Fault::Certificate(ServerCertificate::WrongName)),
            Just(Fault::Certificate(ServerCertificate::Expired)),
            Just(Fault::Certificate(ServerCertificate::ForeignAuthority)),
        ]
    }

    proptest! {
        #[test]
        fn a_fault_is_read_as_it_is_written(fault in any_fault()) {
            prop_assert_eq!(fault.to_string().parse::<Fault>(), Ok(fault));
        }
    }

    #[test]
    fn other_texts_name_no_fault() {
        for text in
            ["", "rest", "rest-slow", "rest-slow:x", "rest-status:404", "rest-refuse:1", "link-cut:-1"]
        {
            assert_eq!(text.parse::<Fault>(), Err(BadFault(text.to_owned())));
        }
    }
}
