//! ELF files, as far as it matters here: what their headers say, and what their code looks like.

use std::fs::File;
use std::os::unix::fs::FileExt;

/// Program headers that are read at most.
const MOST_SEGMENTS: u64 = 64;

/// How much of the code of a program is looked at.
const MOST_CODE: u64 = 4 << 20;

/// Less code than this says nothing by the frequency of its bytes.
const LEAST_CODE: usize = 2048;

/// Bits of information in a byte: machine code has about 6, what is compressed or encrypted nearly 8 (declared choice).
const MOST_ENTROPY: f64 = 7.2;

/// A segment is loaded into memory.
const LOAD: u64 = 1;
/// A segment holds what the dynamic loader needs.
const DYNAMIC: u64 = 2;
/// A segment names the dynamic loader.
const INTERPRETER: u64 = 3;
/// An object that another program can load.
const SHARED: u64 = 3;

const EXECUTABLE: u64 = 1;
const WRITABLE: u64 = 2;

/// One program header.
#[derive(Debug, Clone, Copy)]
struct Segment {
    kind: u64,
    flags: u64,
    offset: u64,
    address: u64,
    in_file: u64,
    in_memory: u64,
}

/// A file that begins like an ELF file.
#[derive(Debug)]
pub struct Elf<'a> {
    file: &'a File,
    length: u64,
    wide: bool,
    kind: u64,
    entry: u64,
    /// Why its headers are none that a linker makes.
    odd: Option<&'static str>,
    segments: Vec<Segment>,
}

/// A number of up to eight bytes, the lowest first.
fn number(bytes: &[u8], at: usize, size: usize) -> Option<u64> {
    let mut all = [0; 8];
    all[..size].copy_from_slice(bytes.get(at..at + size)?);
    Some(u64::from_le_bytes(all))
}

fn read(file: &File, at: u64, length: u64) -> Option<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(length).ok()?];
    file.read_exact_at(&mut bytes, at).ok()?;
    Some(bytes)
}

impl<'a> Elf<'a> {
    /// Reads the headers; nothing where it is no ELF file.
    #[must_use]
    pub fn of(file: &'a File) -> Option<Self> {
        let length = file.metadata().ok()?.len();
        let head = read(file, 0, length.min(64))?;
        if !head.starts_with(b"\x7fELF") {
            return None;
        }
        let wide = head.get(4) == Some(&2);
        let mut elf = Self { file, length, wide, kind: 0, entry: 0, odd: None, segments: Vec::new() };
        elf.odd = elf.fill(&head).err();
        Some(elf)
    }

    /// Why its headers cannot be those of a program; what another byte order says is not read.
    fn fill(&mut self, head: &[u8]) -> Result<(), &'static str> {
        let (class, order, version) = (head.get(4), head.get(5), head.get(6));
        if !matches!(class, Some(1 | 2)) || !matches!(order, Some(1 | 2)) || version != Some(&1) {
            return Err("an unknown class, byte order or version");
        }
        if order == Some(&2) {
            return Ok(());
        }
        let field = |narrow: (usize, usize), wide: (usize, usize)| {
            let (at, size) = if self.wide { wide } else { narrow };
            number(head, at, size).ok_or("a header that is cut off")
        };
        let (kind, version) = (field((16, 2), (16, 2))?, field((20, 4), (20, 4))?);
        let (entry, table) = (field((24, 4), (24, 8))?, field((28, 4), (32, 8))?);
        let (own_size, size, count) =
            (field((40, 2), (52, 2))?, field((42, 2), (54, 2))?, field((44, 2), (56, 2))?);
        let (own_expected, expected) = if self.wide { (64, 56) } else { (52, 32) };
        (self.kind, self.entry) = (kind, entry);
        if !(1..=4).contains(&kind) || version != 1 || own_size != own_expected {
            return Err("an unknown type, version or size of the header");
        }
        let runs = kind == 2 || kind == SHARED;
        if count == 0 {
            return if runs { Err("a program without program headers") } else { Ok(()) };
        }
        if size != expected {
            return Err("program headers of another size");
        }
        let count = count.min(MOST_SEGMENTS);
        let headers =
            read(self.file, table, size * count).ok_or("program headers behind the end of the file")?;
        self.segments =
            headers.chunks_exact(size as usize).filter_map(|header| segment(header, self.wide)).collect();
        self.contradiction().map_or(Ok(()), Err)
    }

    /// What the program headers of a program cannot all say.
    fn contradiction(&self) -> Option<&'static str> {
        let loaded = || self.segments.iter().filter(|segment| segment.kind == LOAD);
        let ends = |segment: &Segment| segment.offset.checked_add(segment.in_file);
        if loaded().any(|segment| ends(segment).is_none_or(|end| end > self.length)) {
            return Some("a segment behind the end of the file");
        }
        if loaded().any(|segment| segment.in_file > segment.in_memory) {
            return Some("a segment that is longer in the file than in memory");
        }
        if loaded().any(|segment| segment.flags & (EXECUTABLE | WRITABLE) == EXECUTABLE | WRITABLE) {
            return Some("a segment that is writable and executable");
        }
        let in_code = |segment: &Segment| {
            segment.flags & EXECUTABLE != 0
                && self.entry >= segment.address
                && self.entry - segment.address < segment.in_memory
        };
        // A library has no entry point.
        (self.entry != 0 && !loaded().any(in_code)).then_some("an entry point outside of the code")
    }

    /// Whether its headers contradict each other or the file, or are such as no linker makes, and why.
    #[must_use]
    pub fn odd(&self) -> Option<&'static str> {
        self.odd
    }

    /// Whether its code is encrypted or compressed.
    #[must_use]
    pub fn is_packed(&self) -> bool {
        let code =
            self.segments.iter().filter(|segment| segment.kind == LOAD && segment.flags & EXECUTABLE != 0);
        let mut counts = [0usize; 256];
        let mut room = MOST_CODE;
        for segment in code {
            let length = segment.in_file.min(room);
            room -= length;
            let bytes = read(self.file, segment.offset, length).unwrap_or_default();
            bytes.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
        }
        let all: usize = counts.iter().sum();
        all >= LEAST_CODE && entropy(&counts, all) > MOST_ENTROPY
    }

    /// Whether it is a dynamic loader: a shared object with a name of its own, that needs no interpreter and yet can be run. The
    /// libraries that can be run have an interpreter, and static programs have no name.
    #[must_use]
    pub fn is_loader(&self) -> bool {
        const NAME: u64 = 14;
        let of = |kind| self.segments.iter().find(move |segment| segment.kind == kind);
        if !self.wide || self.kind != SHARED || of(INTERPRETER).is_some() {
            return false;
        }
        let table = of(DYNAMIC).filter(|segment| segment.in_file <= 1 << 16);
        let entries = table.and_then(|segment| read(self.file, segment.offset, segment.in_file));
        entries.is_some_and(|entries| entries.chunks_exact(16).any(|entry| number(entry, 0, 8) == Some(NAME)))
    }
}

fn segment(header: &[u8], wide: bool) -> Option<Segment> {
    let field =
        |narrow: usize, at: usize| if wide { number(header, at, 8) } else { number(header, narrow, 4) };
    Some(Segment {
        kind: number(header, 0, 4)?,
        flags: number(header, if wide { 4 } else { 24 }, 4)?,
        offset: field(4, 8)?,
        address: field(8, 16)?,
        in_file: field(16, 32)?,
        in_memory: field(20, 40)?,
    })
}

fn entropy(counts: &[usize; 256], all: usize) -> f64 {
    let share = |count: &usize| *count as f64 / all as f64;
    counts.iter().filter(|count| **count > 0).map(|count| -share(count) * share(count).log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Write;

    /// What changes in a program, and the file of it.
    fn changed(change: impl FnOnce(&mut Vec<u8>)) -> File {
        let mut bytes = fs::read("/bin/true").unwrap();
        change(&mut bytes);
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes).unwrap();
        file
    }

    /// Place of the first header of a segment with code.
    fn code(bytes: &[u8]) -> usize {
        let table = number(bytes, 32, 8).unwrap() as usize;
        (0..20).map(|n| table + 56 * n).find(|at| number(bytes, at + 4, 4) == Some(5)).unwrap()
    }

    #[test]
    fn the_programs_of_this_machine_are_fine() {
        for path in ["/bin/true", "/bin/sh", "/proc/self/exe", "/usr/bin/python3"] {
            let file = File::open(path).unwrap();
            let elf = Elf::of(&file).unwrap();
            assert_eq!((elf.odd(), elf.is_packed(), elf.is_loader()), (None, false, false), "{path}");
        }
        assert!(Elf::of(&File::open("/etc/passwd").unwrap()).is_none());
        assert!(Elf::of(&changed(|bytes| bytes.clear())).is_none());
    }

    #[test]
    fn headers_that_no_linker_makes_are_odd() {
        type Change = fn(&mut Vec<u8>);
        let changes: [(&str, Change); 9] = [
            ("class", |bytes| bytes[4] = 7),
            ("version", |bytes| bytes[20] = 9),
            ("type", |bytes| bytes[16] = 99),
            ("size of the header", |bytes| bytes[52] = 1),
            ("no program headers", |bytes| bytes[56] = 0),
            ("program headers elsewhere", |bytes| bytes[38] = 0xff),
            ("entry point", |bytes| bytes[24..32].copy_from_slice(&0x7000_0000_u64.to_le_bytes())),
            ("cut off", |bytes| bytes.truncate(bytes.len() / 2)),
            ("writable code", |bytes| {
                let at = code(bytes);
                bytes[at + 4] = 7;
            }),
        ];
        for (what, change) in changes {
            assert!(Elf::of(&changed(change)).unwrap().odd().is_some(), "{what}");
        }
        assert!(Elf::of(&changed(|bytes| bytes.truncate(5))).unwrap().odd().is_some());
        assert_eq!(Elf::of(&changed(|_| {})).unwrap().odd(), None);
    }

    #[test]
    fn code_that_looks_like_noise_is_packed() {
        let noise = changed(|bytes| {
            let at = code(bytes);
            let (offset, length) = (number(bytes, at + 8, 8).unwrap(), number(bytes, at + 32, 8).unwrap());
            let mut state = 1u32;
            for byte in &mut bytes[offset as usize..(offset + length) as usize] {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = (state >> 24) as u8;
            }
        });
        let elf = Elf::of(&noise).unwrap();
        assert_eq!((elf.odd(), elf.is_packed()), (None, true));
    }

    #[test]
    fn entropy_is_counted_in_bits() {
        let mut counts = [0; 256];
        counts[7] = 4;
        assert!(entropy(&counts, 4).abs() < 1e-9);
        assert!((entropy(&[1; 256], 256) - 8.0).abs() < 1e-9);
    }
}
