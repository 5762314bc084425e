//! Content codings of bodies.

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use std::io::Write as _;

/// A content coding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// `gzip`.
    Gzip,
    /// `deflate`.
    Deflate,
}

impl Packing {
    /// The value of `Content-Encoding`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }

    /// A body in it.
    ///
    /// # Panics
    /// Never: what is written to is memory.
    #[must_use]
    pub fn packed(self, body: &[u8]) -> Vec<u8> {
        let level = Compression::default();
        let packed = match self {
            Self::Gzip => {
                let mut gzip = GzEncoder::new(Vec::new(), level);
                gzip.write_all(body).and_then(|()| gzip.finish())
            }
            Self::Deflate => {
                let mut zlib = ZlibEncoder::new(Vec::new(), level);
                zlib.write_all(body).and_then(|()| zlib.finish())
            }
        };
        packed.expect("memory takes what is written")
    }
}
