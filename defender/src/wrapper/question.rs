//! DNS questions: reading them, and refusing them.

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::Name;

/// A question that a policy can decide on.
#[derive(Debug)]
pub struct Question {
    message: Message,
}

impl Question {
    /// Reads a datagram, or one frame of a TCP stream. Nothing when it is not a well-formed question.
    #[must_use]
    pub fn parse(payload: &[u8]) -> Option<Self> {
        if !has_room(payload) {
            return None;
        }
        let message = Message::from_vec(payload).ok()?;
        (message.metadata.message_type == MessageType::Query).then_some(Self { message })
    }

    /// Transaction id.
    #[must_use]
    pub fn id(&self) -> u16 {
        self.message.metadata.id
    }

    /// Names in lower case without the final dot, with their record types.
    #[must_use]
    pub fn names(&self) -> Vec<(String, u16)> {
        self.message.queries.iter().map(|q| (written(q.name()), q.query_type().into())).collect()
    }

    /// The answer that makes a resolver give up: there is no such name.
    ///
    /// `NXDOMAIN` and not `REFUSED`: glibc goes on to the next server after `REFUSED` and reports a temporary failure,
    /// and musl does not take it for an answer at all, and waits for its time-out (declared choice).
    #[must_use]
    pub fn no_such_name(&self) -> Vec<u8> {
        self.answer(ResponseCode::NXDomain)
    }

    /// The answer for a server that could not be asked.
    #[must_use]
    pub fn server_failure(&self) -> Vec<u8> {
        self.answer(ResponseCode::ServFail)
    }

    fn answer(&self, code: ResponseCode) -> Vec<u8> {
        let asked = &self.message.metadata;
        let mut answer = Message::response(asked.id, asked.op_code);
        answer.metadata.recursion_desired = asked.recursion_desired;
        answer.metadata.recursion_available = true;
        answer.metadata.response_code = code;
        answer.add_queries(self.message.queries.iter().cloned());
        // Empty means that nothing can be said, and the asker waits in vain.
        answer.to_vec().unwrap_or_default()
    }
}

/// A name as people write it. The library puts a backslash before more, such as a dash in front, and no entry of a policy has that.
fn written(name: &Name) -> String {
    let letter = |byte: &u8| match byte {
        b'.' | b'\\' => format!("\\{}", char::from(*byte)),
        0x21..=0x7e => char::from(byte.to_ascii_lowercase()).to_string(),
        _ => format!("\\{byte:03}"),
    };
    let labels: Vec<String> = name.iter().map(|label| label.iter().map(letter).collect()).collect();
    labels.join(".")
}

/// Whether as many questions as are announced can be in it, of five bytes at least each: the library takes memory for all of them
/// before it reads the first.
fn has_room(payload: &[u8]) -> bool {
    const HEAD: usize = 12;
    const SHORTEST: usize = 5;
    let Some((head, rest)) = payload.split_at_checked(HEAD) else { return false };
    usize::from(u16::from_be_bytes([head[4], head[5]])) * SHORTEST <= rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_proto::op::Query;
    use hickory_proto::rr::RecordType;
    use proptest::prelude::*;

    fn question(name: &str, id: u16) -> Vec<u8> {
        let mut message = Message::query();
        message.metadata.id = id;
        message.metadata.recursion_desired = true;
        message.add_query(Query::query(Name::from_ascii(name).unwrap(), RecordType::AAAA));
        message.to_vec().unwrap()
    }

    #[test]
    fn a_question_is_read_and_refused() {
        let question = Question::parse(&question("API.Example.com.", 7)).unwrap();
        assert_eq!(question.names(), [("api.example.com".to_owned(), 28)]);
        let answer = Message::from_vec(&question.no_such_name()).unwrap();
        assert_eq!(answer.metadata.id, 7);
        assert_eq!(answer.metadata.response_code, ResponseCode::NXDomain);
        assert_eq!(answer.metadata.message_type, MessageType::Response);
        assert_eq!(
            answer.queries[0].name().to_ascii(),
            "API.Example.com.",
            "the case of the question is kept"
        );
    }

    #[test]
    fn an_answer_is_no_question() {
        let answer = Question::parse(&question("a.", 1)).unwrap().no_such_name();
        assert!(Question::parse(&answer).is_none());
        assert!(Question::parse(b"").is_none());
    }

    #[test]
    fn names_are_written_as_in_a_policy() {
        for (labels, expected) in [
            (&[&b"-X"[..], b"Evil", b"test"][..], "-x.evil.test"),
            (&[b"_sip", b"a*b@c", b"test"], "_sip.a*b@c.test"),
            (&[b"a.b\\", b"\x00\xff "], "a\\.b\\\\.\\000\\255\\032"),
            (&[], ""),
        ] {
            let mut message = Message::query();
            message
                .add_query(Query::query(Name::from_labels(labels.iter().copied()).unwrap(), RecordType::A));
            let read = Question::parse(&message.to_vec().unwrap()).unwrap();
            assert_eq!(read.names(), [(expected.to_owned(), 1)]);
        }
    }

    #[test]
    fn no_more_questions_are_announced_than_there_is_room_for() {
        let mut bytes = question(".", 7);
        assert!(has_room(&bytes) && Question::parse(&bytes).is_some());
        for announced in [2u16, u16::MAX] {
            bytes[4..6].copy_from_slice(&announced.to_be_bytes());
            assert!(!has_room(&bytes) && Question::parse(&bytes).is_none());
        }
        assert!(!has_room(b"") && !has_room(&bytes[..11]));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Some(question) = Question::parse(&bytes) {
                let _ = question.names();
                let _ = question.no_such_name();
            }
        }

        #[test]
        fn every_name_comes_back(name in "[a-z]{1,10}(\\.[a-z0-9]{1,10}){0,4}", id: u16) {
            let read = Question::parse(&question(&format!("{name}."), id)).unwrap();
            prop_assert_eq!(read.id(), id);
            prop_assert_eq!(&read.names()[0].0, &name);
        }
    }
}
