//! What the kernel makes of one send: several datagrams (segmentation offload), or a part of one (a cork).
//!
//! A datagram is what a server gets, so it is what is judged, not the buffer that it was cut from.

use crate::kernel::memory::u64_at;
use crate::kernel::options;
use std::os::fd::BorrowedFd;

/// Size of `struct cmsghdr`, to whose multiples of eight bytes ancillary data is aligned.
const HEADER: usize = 16;

fn aligned(length: usize) -> usize {
    length.next_multiple_of(8)
}

/// The ancillary messages: level, type, data, and the whole with its padding. What cannot be read ends the list, as it does for
/// the kernel, which then refuses the send.
fn messages(control: &[u8]) -> impl Iterator<Item = (i32, i32, &[u8], &[u8])> {
    let mut rest = control;
    std::iter::from_fn(move || {
        if rest.len() < HEADER {
            return None;
        }
        let length =
            usize::try_from(u64_at(rest, 0)).ok().filter(|length| (HEADER..=rest.len()).contains(length))?;
        let level_and_type = u64_at(rest, 8);
        let (whole, after) = rest.split_at(aligned(length).min(rest.len()));
        rest = after;
        Some((level_and_type as u32 as i32, (level_and_type >> 32) as i32, &whole[HEADER..length], whole))
    })
}

fn is_segmentation((level, kind): (i32, i32)) -> bool {
    (level, kind) == (libc::SOL_UDP, libc::UDP_SEGMENT)
}

/// The datagrams that the kernel makes of data: one, or as many as fit where segmentation is asked for, by the message or else by
/// its socket.
#[must_use]
pub fn datagrams<'d>(fd: BorrowedFd<'_>, control: &[u8], data: &'d [u8]) -> Vec<&'d [u8]> {
    let asked = messages(control).filter(|(level, kind, ..)| is_segmentation((*level, *kind))).last();
    let size = match asked {
        Some((.., size, _)) => {
            size.get(..2).map_or(0, |size| usize::from(u16::from_ne_bytes([size[0], size[1]])))
        }
        None => options::segment_size(fd).unwrap_or(0),
    };
    if size == 0 || size >= data.len() { vec![data] } else { data.chunks(size).collect() }
}

/// The ancillary data of a single datagram: without the wish that it be cut.
#[must_use]
pub fn of_one(control: &[u8]) -> Vec<u8> {
    let kept = messages(control).filter(|(level, kind, ..)| !is_segmentation((*level, *kind)));
    kept.flat_map(|(.., whole)| whole).copied().collect()
}

/// Whether what is sent is only a part of a datagram.
#[must_use]
pub fn is_a_part(fd: BorrowedFd<'_>, flags: i32) -> bool {
    flags & libc::MSG_MORE != 0 || options::is_corked(fd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::UdpSocket;
    use std::os::fd::AsFd;

    fn message(level: i32, kind: i32, data: &[u8]) -> Vec<u8> {
        let mut whole = ((HEADER + data.len()) as u64).to_ne_bytes().to_vec();
        whole.extend(level.to_ne_bytes());
        whole.extend(kind.to_ne_bytes());
        whole.extend(data);
        whole.resize(aligned(whole.len()), 0);
        whole
    }

    #[test]
    fn data_is_cut_as_the_kernel_cuts_it() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let lengths = |control: &[u8]| -> Vec<usize> {
            datagrams(socket.as_fd(), control, &[7; 100]).iter().map(|one| one.len()).collect()
        };
        let cut = |size: u16| message(libc::SOL_UDP, libc::UDP_SEGMENT, &size.to_ne_bytes());
        let other = message(libc::SOL_IP, libc::IP_TTL, &9i32.to_ne_bytes());
        assert_eq!(lengths(&[]), [100]);
        assert_eq!(lengths(&cut(40)), [40, 40, 20]);
        assert_eq!(lengths(&[other.clone(), cut(50)].concat()), [50, 50]);
        assert_eq!(lengths(&cut(100)), [100]);
        assert_eq!(lengths(&cut(0)), [100]);
        assert_eq!(of_one(&[cut(40), other.clone()].concat()), other);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(control in prop::collection::vec(any::<u8>(), 0..80), size in 0u64..90) {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            let mut sized = size.to_ne_bytes().to_vec();
            sized.extend(&control);
            for control in [control, sized] {
                prop_assert!(of_one(&control).len() <= control.len());
                let cut = datagrams(socket.as_fd(), &control, &[1; 10]);
                prop_assert_eq!(cut.concat(), vec![1; 10]);
            }
        }
    }
}
