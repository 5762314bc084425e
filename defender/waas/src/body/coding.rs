//! Content codings: gzip and deflate, one over the other.

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::borrow::Cow;
use std::io::Read;

/// Codings over each other that are undone; more of them are no honest request.
const MOST: usize = 4;

/// A body without its codings.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plain<'a> {
    /// Its beginning, at most as long as was asked for. A body that breaks off, as an inspected prefix does, gives what came before.
    pub(crate) bytes: Cow<'a, [u8]>,
    /// Why these are not all that an application could read.
    pub(crate) unread: Option<Unread>,
}

/// Why a body cannot be inspected whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It is longer than the limit when its codings are undone.
    Long,
    /// Its codings are unknown, or too many.
    Coding,
    /// It has more values than there is room for.
    Many,
}

/// Undoes the codings of these `Content-Encoding` lines. A body that does not have the coding is taken as it is: so will an
/// application take it, or refuse it.
pub(crate) fn plain<'a>(lines: &[&[u8]], bytes: &'a [u8], limit: usize) -> Plain<'a> {
    let words = lines.iter().flat_map(|line| line.split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    let codings: Vec<_> =
        words.filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case(b"identity")).collect();
    let mut plain = Plain { bytes: Cow::Borrowed(bytes), unread: None };
    if codings.len() > MOST {
        plain.unread = Some(Unread::Coding);
        return plain;
    }
    for coding in codings.iter().rev() {
        let is = |name: &str| coding.eq_ignore_ascii_case(name.as_bytes());
        // One byte more than is wanted tells whether there is more.
        let undone = if is("gzip") || is("x-gzip") {
            read(MultiGzDecoder::new(&*plain.bytes), limit + 1)
        } else if is("deflate") {
            // The name means zlib's format, but bare deflate is seen too.
            let zlib = read(ZlibDecoder::new(&*plain.bytes), limit + 1);
            zlib.or_else(|| read(DeflateDecoder::new(&*plain.bytes), limit + 1))
        } else {
            plain.unread = Some(Unread::Coding);
            return plain;
        };
        let Some(mut undone) = undone else { return plain };
        if undone.len() > limit {
            undone.truncate(limit);
            plain.unread = Some(Unread::Long);
        }
        plain.bytes = Cow::Owned(undone);
    }
    plain
}

fn read(reader: impl Read, limit: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let result = reader.take(limit as u64).read_to_end(&mut out);
    (result.is_ok() || !out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(bytes).unwrap();
        gzip.finish().unwrap()
    }

    #[test]
    fn each_coding_is_undone() {
        let text = b"id=1' OR '1'='1".repeat(20);
        let whole = |codings: &[&[u8]], bytes: &[u8]| {
            let plain = plain(codings, bytes, 1 << 20);
            assert_eq!(plain.unread, None);
            plain.bytes.into_owned()
        };
        let packed = gzip(&text);
        assert_eq!(whole(&[b"GZip"], &packed), text);
        assert_eq!(whole(&[b"gzip, identity"], &packed), text);
        assert_eq!(whole(&[b"identity", b" x-gzip"], &packed), text);
        assert_eq!(whole(&[b"gzip, gzip"], &gzip(&packed)), text);
        assert_eq!(whole(&[b"identity"], b"x"), b"x");
        let half = whole(&[b"gzip"], &packed[..packed.len() - 9]);
        assert!(!half.is_empty() && text.starts_with(&half));
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(&text).unwrap();
        let zlib = zlib.finish().unwrap();
        assert_eq!(whole(&[b"deflate"], &zlib), text);
        assert_eq!(whole(&[b"deflate", b"gzip"], &gzip(&zlib)), text);
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::fast());
        bare.write_all(&text).unwrap();
        assert_eq!(whole(&[b"deflate"], &bare.finish().unwrap()), text);
        assert_eq!(whole(&[b"gzip"], b"not gzip"), b"not gzip");
    }

    #[test]
    fn what_is_not_read_is_said() {
        let packed = gzip(b"0123456789");
        assert_eq!(plain(&[b"gzip"], &packed, 10).unread, None);
        let cut = plain(&[b"gzip"], &packed, 9);
        assert_eq!((cut.bytes.as_ref(), cut.unread), (&b"012345678"[..], Some(Unread::Long)));
        for codings in ["br", "gzip, br", "x", "gzip,gzip,gzip,gzip,gzip"] {
            assert_eq!(plain(&[codings.as_bytes()], b"x", 9).unread, Some(Unread::Coding), "{codings}");
        }
        let bomb = gzip(&vec![b'a'; 50 << 20]);
        assert_eq!(plain(&[b"gzip"], &bomb, 1000).bytes.len(), 1000);
    }
}
