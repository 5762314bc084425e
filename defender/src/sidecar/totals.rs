//! What the Console is told in numbers; `docs/link.md` says what each of them means.

use crate::hub::Losses;
use std::collections::BTreeMap;

/// Totals since the start of the sidecar.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    /// Audits that got a number.
    pub audits: u64,
    /// Connections to the Console behind the first.
    pub reconnects: u64,
    /// Audits that the spool had no room for.
    pub spool: u64,
    /// WAAS audits that nobody took.
    pub waas: u64,
    /// Everything that wrappers have lost.
    pub wrappers: Losses,
    /// Answers in the name of a DNS server that the sidecar could not give.
    pub answers: u64,
    /// Wrappers that were let go because they did not answer.
    pub stalled: u64,
    /// Wrappers that ended without having said that all was delivered.
    pub vanished: u64,
    /// Connections on the hub that were turned away.
    pub refused: u64,
}

impl Totals {
    /// Audits that are lost, wherever.
    fn lost_audits(&self) -> u64 {
        self.spool + self.waas + self.wrappers.audits
    }

    /// Everything that is lost and is evidence.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.lost_audits() + self.wrappers.datagrams
    }

    /// By the names of the link.
    #[must_use]
    pub fn by_name(&self) -> BTreeMap<String, u64> {
        let names = [
            ("audits", self.audits),
            ("reconnects", self.reconnects),
            ("dropped_audits", self.lost_audits()),
            ("dropped_spool_audits", self.spool),
            ("dropped_waas_audits", self.waas),
            ("dropped_wrapper_audits", self.wrappers.audits),
            ("dropped_datagrams", self.wrappers.datagrams),
            ("undecided_datagrams", self.wrappers.undecided),
            ("lost_answers", self.answers + self.wrappers.answers),
            ("stalled_wrappers", self.stalled),
            ("vanished_wrappers", self.vanished),
            ("refused_connections", self.refused),
        ];
        names.into_iter().map(|(name, total)| (name.to_owned(), total)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page is the contract: no name may be missing there.
    #[test]
    fn every_name_is_explained() {
        let page = include_str!("../../../docs/link.md");
        for name in Totals::default().by_name().keys() {
            assert!(page.contains(&format!("| `{name}` |")), "{name}");
        }
    }

    #[test]
    fn what_is_lost_is_lost_evidence() {
        let wrappers = Losses { audits: 4, datagrams: 8, undecided: 16, answers: 32 };
        let totals = Totals { spool: 1, waas: 2, wrappers, stalled: 64, ..Totals::default() };
        assert_eq!(totals.dropped(), 15);
        let named = totals.by_name();
        assert_eq!((named["dropped_audits"], named["lost_answers"]), (7, 32));
    }
}
