//! How much may be under way on one connection.

/// Bytes that either side may send on a new connection before it has been given credit for more.
pub const WINDOW: u32 = 512 * 1024;

/// The most bytes in one data frame, so that connections take turns on the stream.
pub const CHUNK: usize = 64 * 1024;

/// Credit that a receiver owes to the sender, given back in portions rather than for every byte.
#[derive(Debug, Default)]
pub struct Debt {
    owed: u32,
}

impl Debt {
    /// Notes that so many bytes were consumed; answers the credit to give now, if it is time.
    ///
    /// What stays owed is less than a quarter of the window, so the sender always has the larger part of it.
    pub fn consumed(&mut self, bytes: usize) -> Option<u32> {
        self.owed = self.owed.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
        if self.owed < WINDOW / 4 {
            return None;
        }
        Some(std::mem::take(&mut self.owed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_comes_back_in_portions_and_none_is_lost() {
        let mut debt = Debt::default();
        let mut given = 0;
        for _ in 0..1000 {
            given += debt.consumed(1000).unwrap_or(0);
        }
        assert!(given <= 1_000_000);
        assert!(1_000_000 - given < WINDOW / 4);
    }
}
