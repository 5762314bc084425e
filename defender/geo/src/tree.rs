//! The search tree: a bit of an address is a step, left or right.

/// Bytes of one record.
const RECORD: usize = 3;

/// Bits of a record.
pub(crate) const RECORD_BITS: u16 = 24;

/// Where a record leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Record {
    Nowhere,
    Node(usize),
    /// So many bytes into the data section.
    Data(usize),
}

/// The nodes; the first is the root.
#[derive(Debug)]
pub(crate) struct Tree(Vec<[Record; 2]>);

impl Tree {
    pub(crate) fn new() -> Self {
        Self(vec![[Record::Nowhere; 2]])
    }

    pub(crate) fn nodes(&self) -> usize {
        self.0.len()
    }

    /// Leads the addresses of a block to their data.
    ///
    /// # Panics
    /// Where the block covers another one, or is the whole of the addresses.
    pub(crate) fn insert(&mut self, network: u32, prefix: u8, data: usize) {
        let side = |depth: u8| (network >> (31 - depth) & 1) as usize;
        let last = prefix.checked_sub(1).expect("a block has a prefix");
        let mut node = 0;
        for depth in 0..last {
            node = match self.0[node][side(depth)] {
                Record::Node(next) => next,
                Record::Nowhere => {
                    let next = self.0.len();
                    self.0.push([Record::Nowhere; 2]);
                    self.0[node][side(depth)] = Record::Node(next);
                    next
                }
                Record::Data(_) => panic!("a block lies in another one"),
            };
        }
        let end = &mut self.0[node][side(last)];
        assert_eq!(*end, Record::Nowhere, "a block covers another one");
        *end = Record::Data(data);
    }

    /// The nodes as bytes. The data section stands 16 bytes behind them.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let nodes = self.0.len();
        for record in self.0.iter().flatten() {
            let number = match record {
                Record::Nowhere => nodes,
                Record::Node(node) => *node,
                Record::Data(offset) => nodes + 16 + offset,
            };
            let bytes = u32::try_from(number).expect("a small tree").to_be_bytes();
            assert_eq!(bytes[0], 0, "a small tree");
            out.extend(&bytes[bytes.len() - RECORD..]);
        }
    }
}
