//! The whole file: tree, data, metadata.

use crate::tree::{RECORD_BITS, Tree};
use crate::value::Value;
use std::net::Ipv4Addr;

/// Where the metadata begins.
const MARK: &[u8] = b"\xab\xcd\xefMaxMind.com";

/// Addresses of one country.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block {
    /// Its first address.
    pub network: Ipv4Addr,
    /// Bits that all of them share, 1 to 32.
    pub prefix: u8,
    /// ISO 3166-1 alpha-2.
    pub country: &'static str,
}

/// A database with these blocks, as the file that readers of MaxMind DB take.
///
/// # Panics
/// Where a block covers another one.
#[must_use]
pub fn database(blocks: &[Block]) -> Vec<u8> {
    let (mut tree, mut data) = (Tree::new(), Vec::new());
    for block in blocks {
        tree.insert(u32::from(block.network), block.prefix, data.len());
        let country = Value::Map(vec![("iso_code", Value::Text(block.country))]);
        Value::Map(vec![("country", country)]).write(&mut data);
    }
    let mut file = Vec::new();
    tree.write(&mut file);
    file.extend([0; 16]);
    file.append(&mut data);
    file.extend(MARK);
    metadata(tree.nodes()).write(&mut file);
    file
}

fn metadata(nodes: usize) -> Value {
    let description = Value::Map(vec![("en", Value::Text("Addresses that stand for clients in tests"))]);
    Value::Map(vec![
        ("binary_format_major_version", Value::Short(2)),
        ("binary_format_minor_version", Value::Short(0)),
        // No time of its own: the same bytes whenever it is made.
        ("build_epoch", Value::Long(0)),
        ("database_type", Value::Text("Proofhouse-Country")),
        ("description", description),
        ("ip_version", Value::Short(4)),
        ("languages", Value::Array(vec![Value::Text("en")])),
        ("node_count", Value::Word(u32::try_from(nodes).expect("a small tree"))),
        ("record_size", Value::Short(RECORD_BITS)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(network: [u8; 4], prefix: u8) -> Block {
        Block { network: network.into(), prefix, country: "NZ" }
    }

    #[test]
    fn a_file_has_its_parts() {
        let file = database(&[block([128, 0, 0, 0], 1)]);
        // One node: on the left nothing, on the right the data, 16 bytes behind the tree.
        assert_eq!(file[..6], [0, 0, 1, 0, 0, 17]);
        assert_eq!(file[6..22], [0; 16]);
        assert_eq!(&file[22..45], b"\xe1\x47country\xe1\x48iso_code\x42NZ\xab");
    }

    #[test]
    #[should_panic(expected = "lies in another one")]
    fn blocks_do_not_overlap() {
        let _ = database(&[block([10, 0, 0, 0], 8), block([10, 1, 0, 0], 16)]);
    }
}
