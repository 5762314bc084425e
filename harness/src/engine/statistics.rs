//! What a container uses.

use jiff::Timestamp;
use std::collections::BTreeMap;

/// What a container has used until a moment. What the kernel does not count is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statistics {
    /// The moment.
    pub at: Timestamp,
    /// Processor time.
    pub cpu: CpuUse,
    /// Memory.
    pub memory: MemoryUse,
    /// Input and output of block devices.
    pub io: Vec<(IoKind, Vec<IoUse>)>,
}

/// Processor time, in nanoseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CpuUse {
    /// In all.
    pub total: u64,
    /// On each processor.
    pub per_processor: Option<Vec<u64>>,
    /// In the kernel.
    pub kernel: u64,
    /// In programs.
    pub user: u64,
    /// Of the whole machine.
    pub system: Option<u64>,
    /// Processors that there are.
    pub processors: Option<u32>,
    /// Periods in which it might have been held back.
    pub periods: u64,
    /// Periods in which it was held back.
    pub throttled_periods: u64,
    /// How long it was held back.
    pub throttled_time: u64,
}

/// Memory, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemoryUse {
    /// Now.
    pub usage: Option<u64>,
    /// At most until now.
    pub most: Option<u64>,
    /// How often it wanted more than it may have.
    pub failures: Option<u64>,
    /// What it may have.
    pub limit: Option<u64>,
    /// The kernel's own counts, by its names.
    pub details: Option<BTreeMap<String, u64>>,
}

/// What of a block device is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IoKind {
    /// Bytes.
    Bytes,
    /// Operations.
    Operations,
    /// Operations in the queue.
    Queued,
    /// Time from the dispatch to the end.
    ServiceTime,
    /// Time in the queue.
    WaitTime,
    /// Requests that were put together.
    Merged,
    /// Time of the device.
    Time,
    /// Sectors.
    Sectors,
}

/// A count of a block device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IoUse {
    /// Major number of the device.
    pub major: u64,
    /// Minor number of the device.
    pub minor: u64,
    /// Operation, such as `Read`.
    pub operation: String,
    /// The count.
    pub value: u64,
}
