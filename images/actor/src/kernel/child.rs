//! What a child does between its birth and its exec: only calls that are safe after a fork of a threaded process, or
//! while the parent's memory is borrowed.

use super::low::{self, LowExec};
use libc::{c_char, c_int, c_void};
use std::ptr;

/// Size of the stacks that children and their second threads run on.
pub(super) const STACK: usize = 64 * 1024;

/// How the child executes its program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Exec {
    /// `execve` of the path.
    Path,
    /// `execveat` of the name, relative to the descriptor.
    At,
    /// `execveat` of the descriptor itself.
    Descriptor,
    /// `execve` of the path from a second thread.
    SecondThread,
    /// `execve` of the 32-bit interface.
    Interrupt,
}

/// Everything the child needs; the parent owns what the pointers point to until the child has executed its program.
pub(super) struct Plan {
    pub(super) exec: Exec,
    pub(super) path: *const c_char,
    pub(super) argv: *const *const c_char,
    pub(super) envp: *const *const c_char,
    pub(super) name: *const c_char,
    /// The same, for the 32-bit interface.
    pub(super) low: LowExec,
    /// Working directory, or null.
    pub(super) cwd: *const c_char,
    /// Directory or program for `execveat`, or -1.
    pub(super) descriptor: c_int,
    pub(super) stdio: [c_int; 3],
    /// Where reports are written; closed by the exec.
    pub(super) report: c_int,
    /// Read before the exec of a daemon, so that the actor holds on to its process first; or -1.
    pub(super) go: c_int,
    /// Top of the second thread's stack.
    pub(super) stack: *mut c_void,
    /// Whether to leave the session and the parent before the exec.
    pub(super) daemon: bool,
}

/// What a report is about.
pub(super) const REPORT_PID: i32 = 1;
/// The exec, or a step before it, failed.
pub(super) const REPORT_ERRNO: i32 = 2;

/// Length of a report: what it is about, and a value.
pub(super) const REPORT_LENGTH: usize = 8;

/// Turns this process into the program of the plan; never returns.
///
/// # Safety
/// `plan` and all it points to must be valid, and this must be a child that has no other thread.
pub(super) unsafe extern "C" fn become_program(plan: *const Plan) -> ! {
    // SAFETY: the caller vouches for the plan; all calls below are async-signal-safe system calls on valid arguments.
    unsafe {
        let plan = &*plan;
        if plan.daemon {
            leave_parent(plan);
        }
        // An ignored signal stays ignored behind an exec: the Rust runtime ignores SIGPIPE, and whoever started the actor may
        // have ignored others. A program begins with the defaults, as in a container.
        for signal in 1..=31 {
            libc::signal(signal, libc::SIG_DFL);
        }
        for (target, source) in plan.stdio.iter().enumerate() {
            if libc::dup2(*source, target as c_int) < 0 {
                fail(plan);
            }
        }
        if !plan.cwd.is_null() && libc::chdir(plan.cwd) != 0 {
            fail(plan);
        }
        let mut none: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &raw const none, ptr::null_mut());
        execute(plan)
    }
}

/// # Safety
/// As [`become_program`].
unsafe fn execute(plan: &Plan) -> ! {
    // SAFETY: as the caller; the descriptor was opened for this child and the strings end with a zero byte.
    unsafe {
        match plan.exec {
            Exec::Path => {
                libc::execve(plan.path, plan.argv, plan.envp);
            }
            Exec::At | Exec::Descriptor => {
                // An interpreter opens the script through this descriptor: it must survive the exec.
                libc::fcntl(plan.descriptor, libc::F_SETFD, 0);
                let flags = if plan.exec == Exec::At { 0 } else { libc::AT_EMPTY_PATH };
                libc::syscall(libc::SYS_execveat, plan.descriptor, plan.name, plan.argv, plan.envp, flags);
            }
            Exec::Interrupt => low::execve(plan.low),
            Exec::SecondThread => {
                let flags = libc::CLONE_VM
                    | libc::CLONE_FS
                    | libc::CLONE_FILES
                    | libc::CLONE_SIGHAND
                    | libc::CLONE_SYSVSEM
                    | libc::CLONE_THREAD;
                if libc::clone(second_thread, plan.stack, flags, ptr::from_ref(plan) as *mut c_void) >= 0 {
                    loop {
                        // The exec of the other thread ends this one.
                        libc::pause();
                    }
                }
            }
        }
        fail(plan)
    }
}

extern "C" fn second_thread(plan: *mut c_void) -> c_int {
    // SAFETY: the pointer is the plan that `execute` passed, which lives in the first thread, waiting.
    unsafe {
        let plan = &*plan.cast::<Plan>();
        libc::execve(plan.path, plan.argv, plan.envp);
        fail(plan)
    }
}

/// `setsid`, `fork`, and wait until the actor holds the new process; the first child ends here.
///
/// # Safety
/// As [`become_program`].
unsafe fn leave_parent(plan: &Plan) {
    // SAFETY: plain system calls on descriptors of the plan; the raw fork runs no handlers, and this child has no
    // other thread that could hold a lock.
    unsafe {
        if libc::setsid() < 0 {
            fail(plan);
        }
        match libc::fork() {
            0 => {}
            -1 => fail(plan),
            _ => libc::_exit(0),
        }
        report(plan.report, REPORT_PID, libc::getpid());
        let mut byte = 0_u8;
        while libc::read(plan.go, (&raw mut byte).cast(), 1) < 0 && *libc::__errno_location() == libc::EINTR {
        }
    }
}

/// # Safety
/// As [`become_program`].
unsafe fn fail(plan: &Plan) -> ! {
    // SAFETY: `errno` of this thread, a write to an open pipe, and the end of the whole process.
    unsafe {
        report(plan.report, REPORT_ERRNO, *libc::__errno_location());
        libc::_exit(127)
    }
}

/// # Safety
/// `descriptor` must be an open pipe.
unsafe fn report(descriptor: c_int, about: i32, value: i32) {
    let mut bytes = [0_u8; REPORT_LENGTH];
    bytes[..4].copy_from_slice(&about.to_ne_bytes());
    bytes[4..].copy_from_slice(&value.to_ne_bytes());
    // SAFETY: the buffer is valid for its length.
    unsafe { libc::write(descriptor, bytes.as_ptr().cast(), bytes.len()) };
}

/// Starts a child by the `vfork` system call, on a stack of its own: the parent stands still, on its own stack, until
/// the child has executed its program or ended. Answers the child's pid or a negative error number.
///
/// # Safety
/// As [`become_program`]; `stack` must be the aligned top of an unused stack of [`STACK`] bytes.
#[cfg(target_arch = "x86_64")]
pub(super) unsafe fn vfork(plan: *const Plan, stack: *mut c_void) -> i64 {
    let result: i64;
    // SAFETY: the child leaves the parent's stack before it pushes anything, and never comes back; the parent sees
    // only the registers that a system call changes.
    unsafe {
        std::arch::asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "mov rsp, r12",
            "mov rdi, r13",
            "xor ebp, ebp",
            "call {child}",
            "ud2",
            "2:",
            child = sym become_program,
            inlateout("rax") libc::SYS_vfork => result,
            in("r12") stack,
            in("r13") plan,
            out("rcx") _,
            out("r11") _,
        );
    }
    result
}

/// As on x86-64, where the kernel has no `vfork` call: `clone` with the flags that `vfork` stands for.
///
/// # Safety
/// As [`become_program`]; `stack` must be the aligned top of an unused stack of [`STACK`] bytes.
#[cfg(not(target_arch = "x86_64"))]
pub(super) unsafe fn vfork(plan: *const Plan, stack: *mut c_void) -> i64 {
    extern "C" fn start(plan: *mut c_void) -> c_int {
        // SAFETY: the pointer is the plan given below.
        unsafe { become_program(plan.cast()) }
    }
    let flags = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;
    // SAFETY: the caller vouches for plan and stack, and the parent stands still until the child is done with them.
    match unsafe { libc::clone(start, stack, flags, plan as *mut c_void) } {
        // SAFETY: `errno` of this thread.
        -1 => -i64::from(unsafe { *libc::__errno_location() }),
        pid => i64::from(pid),
    }
}
