//! What the Defender knows of a session by its cookie alone.

use super::seal::random;
use crate::captcha::Site;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const ID: usize = 16;
const NUMBER: usize = size_of::<u64>();

/// Who the session is, and what happened in it. Seconds are those of the Defender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket {
    id: [u8; ID],
    pub(super) begun: u64,
    /// For which site the question was answered, and when.
    pub(super) solved: Option<(Site, u64)>,
}

impl Ticket {
    /// That of a new session.
    pub(super) fn new(second: u64) -> Self {
        Self { id: random(), begun: second, solved: None }
    }

    /// The same in which the question of that site is answered.
    pub(super) fn answered(self, site: Site, second: u64) -> Self {
        Self { solved: Some((site, second)), ..self }
    }

    /// By which the session is known.
    pub(crate) fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.id)
    }

    pub(super) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = [&self.id[..], &self.begun.to_be_bytes()].concat();
        if let Some((site, second)) = self.solved {
            bytes.extend_from_slice(&site);
            bytes.extend_from_slice(&second.to_be_bytes());
        }
        bytes
    }

    pub(super) fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, rest) = bytes.split_first_chunk::<ID>()?;
        let (begun, rest) = rest.split_first_chunk::<NUMBER>()?;
        let solved = match rest.split_first_chunk::<{ size_of::<Site>() }>() {
            Some((site, second)) => Some((*site, u64::from_be_bytes(second.try_into().ok()?))),
            None if rest.is_empty() => None,
            None => return None,
        };
        Some(Self { id: *id, begun: u64::from_be_bytes(*begun), solved })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_read_as_it_was_written() {
        let new = Ticket::new(7);
        assert_eq!(new.id().len(), 22);
        assert_ne!(new.id(), Ticket::new(7).id());
        for ticket in [new, Ticket { solved: Some((*b"sitesite", 9)), ..new }] {
            let bytes = ticket.to_bytes();
            assert_eq!(Ticket::of_bytes(&bytes), Some(ticket));
            assert_eq!(Ticket::of_bytes(&bytes[1..]), None);
        }
    }
}
