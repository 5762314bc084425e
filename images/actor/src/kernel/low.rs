//! The `execve` of 32-bit programs, which any 64-bit one can call: its arguments are addresses of four bytes.

use super::Program;
use libc::c_long;
use std::io;
use std::ptr;

/// Number of `execve` for a 32-bit program.
const EXECVE: c_long = 11;

/// A program's path, arguments and environment where four bytes are enough to say where.
pub(super) struct Low {
    memory: *mut u8,
    length: usize,
    path: u32,
    argv: u32,
    envp: u32,
}

/// What a child needs of it.
#[derive(Clone, Copy, Default)]
pub(super) struct LowExec {
    path: u32,
    argv: u32,
    envp: u32,
}

impl Low {
    /// Copies a program there.
    pub(super) fn of(program: &Program) -> io::Result<Self> {
        let strings = |list: &[std::ffi::CString]| -> Vec<Vec<u8>> {
            list.iter().map(|text| text.as_bytes_with_nul().to_vec()).collect()
        };
        let (arguments, variables) = (strings(program.arguments()), strings(program.variables()));
        let path = program.path.as_bytes_with_nul().to_vec();
        let texts: usize = arguments.iter().chain(&variables).map(Vec::len).sum::<usize>() + path.len();
        let length = texts + 4 * (arguments.len() + variables.len() + 2) + 8;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_32BIT;
        // SAFETY: a new mapping of its own.
        let memory =
            unsafe { libc::mmap(ptr::null_mut(), length, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
        if memory == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let mut low = Self { memory: memory.cast(), length, path: 0, argv: 0, envp: 0 };
        let mut at = 0;
        low.path = low.put(&mut at, &path);
        let arguments: Vec<u32> = arguments.iter().map(|text| low.put(&mut at, text)).collect();
        let variables: Vec<u32> = variables.iter().map(|text| low.put(&mut at, text)).collect();
        at = at.next_multiple_of(4);
        let list = |places: &[u32]| -> Vec<u8> {
            places.iter().chain([&0]).flat_map(|place| place.to_ne_bytes()).collect()
        };
        low.argv = low.put(&mut at, &list(&arguments));
        low.envp = low.put(&mut at, &list(&variables));
        Ok(low)
    }

    /// Puts bytes behind those that are there, and says where they are.
    fn put(&self, at: &mut usize, bytes: &[u8]) -> u32 {
        assert!(*at + bytes.len() <= self.length, "the length is that of everything that is put there");
        // SAFETY: within the mapping, as was just made sure of.
        let place = unsafe {
            let place = self.memory.add(*at);
            ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len());
            place
        };
        *at += bytes.len();
        // MAP_32BIT is below 2 GiB.
        place as usize as u32
    }

    pub(super) fn exec(&self) -> LowExec {
        LowExec { path: self.path, argv: self.argv, envp: self.envp }
    }
}

impl Drop for Low {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and nobody has a reference into it.
        unsafe { libc::munmap(self.memory.cast(), self.length) };
    }
}

/// Calls `execve` by interrupt 0x80; comes back only with an error, which `errno` then has.
///
/// # Safety
/// The addresses must be those of a [`Low`] that lives in this memory.
#[cfg(target_arch = "x86_64")]
pub(super) unsafe fn execve(exec: LowExec) {
    let result: i64;
    // SAFETY: the caller vouches for the addresses; the interrupt keeps all registers but the result and r8 to r11.
    unsafe {
        std::arch::asm!(
            "xchg rbx, {path}",
            "int 0x80",
            "xchg rbx, {path}",
            path = inout(reg) u64::from(exec.path) => _,
            inlateout("rax") EXECVE => result,
            in("rcx") u64::from(exec.argv),
            in("rdx") u64::from(exec.envp),
            out("r8") _,
            out("r9") _,
            out("r10") _,
            out("r11") _,
        );
        *libc::__errno_location() = -(result as i32);
    }
}

/// There is no such interrupt.
///
/// # Safety
/// None is needed.
#[cfg(not(target_arch = "x86_64"))]
pub(super) unsafe fn execve(_: LowExec) {
    // SAFETY: `errno` of this thread.
    unsafe { *libc::__errno_location() = libc::ENOSYS };
}
