//! Memory of another process.

use super::check;
use std::io;

/// Where a string or a list ends at the latest; what is longer the kernel refuses as well (`PATH_MAX`).
const LONGEST_STRING: usize = 4096;
const PAGE: u64 = 4096;

/// Reads up to `buffer.len()` bytes; fewer where readable memory ends.
///
/// # Errors
/// `EFAULT` for a bad address, `EPERM` when we may not, `ESRCH` when the process is gone.
pub fn read(thread: i32, address: u64, buffer: &mut [u8]) -> io::Result<usize> {
    if buffer.is_empty() {
        return Ok(0);
    }
    let local = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    let remote = libc::iovec { iov_base: address as *mut libc::c_void, iov_len: buffer.len() };
    // SAFETY: `local` describes `buffer`; the remote address is the kernel's to check.
    let got = check(unsafe {
        libc::process_vm_readv(thread, &raw const local, 1, &raw const remote, 1, 0) as libc::c_long
    })?;
    Ok(got as usize)
}

/// Reads exactly `length` bytes.
///
/// # Errors
/// As [`read`], and `EFAULT` when less is readable.
pub fn read_exact(thread: i32, address: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; length];
    if read(thread, address, &mut buffer)? < length {
        return Err(io::Error::from_raw_os_error(libc::EFAULT));
    }
    Ok(buffer)
}

/// Reads a string that ends with a zero byte.
///
/// # Errors
/// As [`read`], and `ENAMETOOLONG` when there is no end.
pub fn read_string(thread: i32, address: u64) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let mut at = address;
    while text.len() < LONGEST_STRING {
        // Never across a page: the next one may not be there.
        let mut chunk = [0u8; 256];
        let room = (PAGE - at % PAGE).min(chunk.len() as u64) as usize;
        let got = read(thread, at, &mut chunk[..room])?;
        if let Some(end) = chunk[..got].iter().position(|&byte| byte == 0) {
            text.extend_from_slice(&chunk[..end]);
            return Ok(text);
        }
        if got == 0 {
            return Err(io::Error::from_raw_os_error(libc::EFAULT));
        }
        text.extend_from_slice(&chunk[..got]);
        at += got as u64;
    }
    Err(io::Error::from_raw_os_error(libc::ENAMETOOLONG))
}

/// Reads a vector of strings that ends with a null pointer, at most `most` of them.
///
/// # Errors
/// As [`read`].
pub fn read_strings(thread: i32, address: u64, most: usize) -> io::Result<Vec<String>> {
    const WORD: u64 = 8;
    let mut strings = Vec::new();
    let mut at = address;
    while address != 0 && strings.len() < most {
        // Never across a page, but for a pointer that is.
        let room = (PAGE - at % PAGE).clamp(WORD, 32 * WORD);
        let mut words = [0; 32 * WORD as usize];
        let got = read(thread, at, &mut words[..room as usize])?;
        let pointers = words[..got].chunks_exact(WORD as usize).map(|word| u64_at(word, 0));
        if got < WORD as usize {
            return Err(io::Error::from_raw_os_error(libc::EFAULT));
        }
        for pointer in pointers {
            if pointer == 0 || strings.len() == most {
                return Ok(strings);
            }
            strings.push(String::from_utf8_lossy(&read_string(thread, pointer)?).into_owned());
            at += WORD;
        }
    }
    Ok(strings)
}

/// Writes.
///
/// # Errors
/// As [`read`].
pub fn write(thread: i32, address: u64, bytes: &[u8]) -> io::Result<()> {
    let local = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    let remote = libc::iovec { iov_base: address as *mut libc::c_void, iov_len: bytes.len() };
    // SAFETY: `local` describes `bytes`, which is only read.
    check(unsafe {
        libc::process_vm_writev(thread, &raw const local, 1, &raw const remote, 1, 0) as libc::c_long
    })?;
    Ok(())
}

/// The word at an offset.
#[must_use]
pub fn u64_at(bytes: &[u8], offset: usize) -> u64 {
    u64::from_ne_bytes(bytes[offset..offset + 8].try_into().expect("eight bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> i32 {
        std::process::id() as i32
    }

    #[test]
    fn strings_and_vectors_are_read_through_their_pointers() {
        let strings = [c"one".as_ptr(), c"two".as_ptr(), std::ptr::null()];
        let address = strings.as_ptr() as u64;
        assert_eq!(read_strings(own(), address, 9).unwrap(), ["one", "two"]);
        assert_eq!(read_strings(own(), address, 1).unwrap(), ["one"]);
        assert_eq!(read_strings(own(), 0, 1).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_bad_address_is_an_error() {
        assert_eq!(read_string(own(), 8).unwrap_err().raw_os_error(), Some(libc::EFAULT));
        let endless = vec![b'a'; 3 * LONGEST_STRING];
        let error = read_string(own(), endless.as_ptr() as u64).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENAMETOOLONG));
    }
}
