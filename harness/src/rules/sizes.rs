//! Which memory goes with which CPU size (`fargate.md` 1.2).

use super::table::{Date, Size, Table};

impl Size {
    fn takes(&self, memory: u64) -> bool {
        self.memory.contains(&memory)
            || (self.step > 0
                && (self.from..=self.to).contains(&memory)
                && (memory - self.from).is_multiple_of(self.step))
    }

    fn words(&self) -> String {
        if self.step == 0 {
            let listed: Vec<String> = self.memory.iter().map(u64::to_string).collect();
            return listed.join(", ");
        }
        format!("{} to {} in steps of {}", self.from, self.to, self.step)
    }
}

impl Table {
    fn sizes_on(&self, date: Date, cpu: u64) -> impl Iterator<Item = &Size> {
        self.sizes.iter().filter(move |size| size.valid_from <= date && size.cpu == cpu)
    }

    /// Every CPU size of that day, in words.
    #[must_use]
    pub fn cpu_sizes(&self, date: Date) -> String {
        let sizes = self.sizes.iter().filter(|size| size.valid_from <= date);
        sizes.map(|size| size.cpu.to_string()).collect::<Vec<_>>().join(", ")
    }

    /// Whether a Windows task can have that CPU size.
    #[must_use]
    pub fn has_cpu_for_windows(&self, date: Date, cpu: u64) -> bool {
        self.sizes_on(date, cpu).any(|size| size.windows)
    }

    /// What else is known of a CPU size.
    #[must_use]
    pub fn note_on(&self, date: Date, cpu: u64) -> Option<&str> {
        self.sizes_on(date, cpu).find_map(|size| size.note.as_deref())
    }

    /// Whether a task can have that CPU size at all.
    #[must_use]
    pub fn has_cpu(&self, date: Date, cpu: u64) -> bool {
        self.sizes_on(date, cpu).next().is_some()
    }

    /// Whether a task can have that pair of CPU units and MiB.
    #[must_use]
    pub fn has_pair(&self, date: Date, cpu: u64, memory: u64) -> bool {
        self.sizes_on(date, cpu).any(|size| size.takes(memory))
    }

    /// The memory that goes with a CPU size, in words.
    #[must_use]
    pub fn memory_for(&self, date: Date, cpu: u64) -> String {
        self.sizes_on(date, cpu).map(Size::words).collect::<Vec<_>>().join(", or ")
    }
}
