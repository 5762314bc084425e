//! `in`.

use super::Checker;
use super::operand::Operand;
use crate::language::{Fault, Node, Spanned};
use crate::network::Network;
use crate::plan::{Case, Condition, TextTest};

impl Checker {
    pub(super) fn membership(
        &mut self,
        left: &Spanned<Node>,
        list: &[Spanned<Node>],
    ) -> Result<Condition, Fault> {
        match self.operand(left)? {
            Operand::Number(number) => {
                let list =
                    self.items(
                        list,
                        "an integer",
                        "a string",
                        "write it without quotes",
                        |node| match node {
                            Node::Integer(value) => Some(*value),
                            _ => None,
                        },
                    )?;
                Ok(Condition::NumberIn(number, list))
            }
            Operand::Text(texts) => {
                let case = if texts.is_header_names() { Case::Ignored } else { Case::Minded };
                let list =
                    self.items(list, "a string", "an integer", "write it in quotes", |node| match node {
                        Node::Text(text) => Some(text.as_bytes().to_vec()),
                        _ => None,
                    })?;
                Ok(Condition::Text(texts, TextTest::In(list, case)))
            }
            Operand::Address => {
                list.iter().map(|item| self.network(item)).collect::<Result<_, _>>().map(Condition::Peer)
            }
            other => Err(Fault::new(left.span, format!("{} is in no list", other.kind()))
                .advise("strings, integers and IP addresses are: `req.http_method in (\"GET\", \"HEAD\")`")),
        }
    }

    /// The literals, each of the type of what is looked for.
    fn items<T>(
        &mut self,
        list: &[Spanned<Node>],
        kind: &str,
        other: &str,
        advice: &str,
        read: fn(&Node) -> Option<T>,
    ) -> Result<Vec<T>, Fault> {
        list.iter()
            .map(|item| {
                self.count(item.span)?;
                read(&item.value).ok_or_else(|| {
                    Fault::new(item.span, format!("{kind} is looked for, and this is {other}")).advise(advice)
                })
            })
            .collect()
    }

    /// A string that is an address or a network.
    pub(super) fn network(&mut self, item: &Spanned<Node>) -> Result<Network, Fault> {
        self.count(item.span)?;
        let advice = "write an address, as \"192.0.2.1\", or a network, as \"192.0.2.0/24\"";
        let Node::Text(text) = &item.value else {
            return Err(Fault::new(item.span, "an IP address is compared with strings").advise(advice));
        };
        text.parse().map_err(|error| Fault::new(item.span, format!("`{text}` {error}")).advise(advice))
    }
}
