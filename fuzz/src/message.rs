//! A request body with the headers that say how it is read, as one text: lines of headers, a blank line, the body.

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use std::io::Write as _;

/// What is read from a fuzzer's bytes.
#[derive(Debug)]
pub struct Message {
    /// Name and value of each header.
    pub headers: Vec<(&'static str, Vec<u8>)>,
    /// The body as sent.
    pub body: Vec<u8>,
    /// How long the body is before it is packed.
    pub plain: usize,
}

/// Headers that say how a body is read; any other line is passed over.
const HEADERS: [&str; 3] = ["content-type", "content-encoding", "connection"];

impl Message {
    /// Lines such as `content-type: text/xml`. `pack: gzip` (or `zlib`, `deflate`) packs the body, which no mutation could.
    pub fn read(bytes: &[u8]) -> Self {
        let (head, body) = match bytes.windows(2).position(|pair| pair == b"\n\n") {
            Some(at) => (&bytes[..at], &bytes[at + 2..]),
            None => (&[][..], bytes),
        };
        let (mut headers, mut body, plain) = (Vec::new(), body.to_vec(), body.len());
        for line in head.split(|byte| *byte == b'\n').take(8) {
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
            let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
            if name.eq_ignore_ascii_case(b"pack") {
                body = packed(value, body);
            } else if let Some(name) =
                HEADERS.iter().find(|known| name.eq_ignore_ascii_case(known.as_bytes()))
            {
                headers.push((*name, value.to_vec()));
            }
        }
        Self { headers, body, plain }
    }
}

fn packed(coding: &[u8], body: Vec<u8>) -> Vec<u8> {
    const TO_MEMORY: &str = "writing to memory never fails";
    match coding {
        b"gzip" => {
            let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
            packer.write_all(&body).expect(TO_MEMORY);
            packer.finish().expect(TO_MEMORY)
        }
        b"zlib" => {
            let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
            packer.write_all(&body).expect(TO_MEMORY);
            packer.finish().expect(TO_MEMORY)
        }
        b"deflate" => {
            let mut packer = DeflateEncoder::new(Vec::new(), Compression::fast());
            packer.write_all(&body).expect(TO_MEMORY);
            packer.finish().expect(TO_MEMORY)
        }
        _ => body,
    }
}
