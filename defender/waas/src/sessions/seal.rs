//! What stands in the cookie, encrypted and signed for one client.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

/// The key of this Defender, new with each start.
pub(super) struct Seal(LessSafeKey);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(..)")
    }
}

impl Seal {
    pub(super) fn new() -> Self {
        let key =
            UnboundKey::new(&CHACHA20_POLY1305, &random::<32>()).expect("the length is that of the key");
        Self(LessSafeKey::new(key))
    }

    /// What only that client can bring back.
    pub(super) fn seal(&self, client: &str, mut bytes: Vec<u8>) -> String {
        let nonce = random::<NONCE_LEN>();
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(client.as_bytes()),
                &mut bytes,
            )
            .expect("a few bytes can be sealed");
        URL_SAFE_NO_PAD.encode([&nonce[..], &bytes[..]].concat())
    }

    /// What was sealed for that client.
    pub(super) fn open(&self, client: &str, text: &str) -> Option<Vec<u8>> {
        let mut bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = self.0.open_in_place(nonce, Aad::from(client.as_bytes()), sealed).ok()?;
        Some(opened.to_vec())
    }
}

pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without randomness anybody could make a session.
    getrandom::fill(&mut bytes).expect("the kernel gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_opens_for_its_client_and_with_its_key() {
        let (seal, other) = (Seal::new(), Seal::new());
        let cookie = seal.seal("203.0.113.7 curl", b"seven".to_vec());
        assert_eq!(seal.open("203.0.113.7 curl", &cookie).unwrap(), b"seven");
        assert!(seal.open("203.0.113.8 curl", &cookie).is_none());
        assert!(other.open("203.0.113.7 curl", &cookie).is_none());
    }

    proptest::proptest! {
        #[test]
        fn nothing_else_opens(text in "\\PC{0,80}", at in 0usize..60, letter in "[A-Za-z0-9_-]") {
            let seal = Seal::new();
            proptest::prop_assert!(seal.open("c", &text).is_none());
            let cookie = seal.seal("c", vec![1; 24]);
            let mut changed = cookie.clone();
            let at = at % changed.len();
            changed.replace_range(at..at + 1, &letter);
            // The last letter has bits that mean nothing; those are refused by the decoder.
            proptest::prop_assert_eq!(seal.open("c", &changed).is_some(), changed == cookie);
        }
    }
}
