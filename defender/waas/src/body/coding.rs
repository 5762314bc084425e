//! Content codings: gzip and deflate.

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::io::Read;

/// The decoded beginning of a body, at most `limit` bytes; `None` if there is no coding, or none that is known.
///
/// A body that breaks off, as an inspected prefix does, gives what came before.
pub(super) fn decoded(coding: &[u8], bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    let coding = coding.trim_ascii();
    if coding.eq_ignore_ascii_case(b"gzip") || coding.eq_ignore_ascii_case(b"x-gzip") {
        read(MultiGzDecoder::new(bytes), limit)
    } else if coding.eq_ignore_ascii_case(b"deflate") {
        // The name means zlib's format, but bare deflate is seen too.
        read(ZlibDecoder::new(bytes), limit).or_else(|| read(DeflateDecoder::new(bytes), limit))
    } else {
        None
    }
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

    #[test]
    fn each_coding_is_undone() {
        let text = b"id=1' OR '1'='1".repeat(20);
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&text).unwrap();
        let gzip = gzip.finish().unwrap();
        assert_eq!(decoded(b"GZip", &gzip, 1 << 20).unwrap(), text);
        assert_eq!(decoded(b"gzip", &gzip, 7).unwrap(), &text[..7]);
        let half = decoded(b"gzip", &gzip[..gzip.len() - 9], 1 << 20).unwrap();
        assert!(!half.is_empty() && text.starts_with(&half));
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(&text).unwrap();
        assert_eq!(decoded(b"deflate", &zlib.finish().unwrap(), 1 << 20).unwrap(), text);
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::fast());
        bare.write_all(&text).unwrap();
        assert_eq!(decoded(b"deflate", &bare.finish().unwrap(), 1 << 20).unwrap(), text);
        assert_eq!(decoded(b"br", b"x", 10), None);
        assert_eq!(decoded(b"gzip", b"not gzip", 10), None);
    }
}
