//! The framing of chunked bodies, followed byte by byte.

use super::framing::is_token;

/// Follows the framing of a chunked body.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    state: ChunkState,
    line: Vec<u8>,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum ChunkState {
    #[default]
    Size,
    Data(u64),
    DataEnd,
    Trailer,
    Done,
}

/// Longest chunk size line or trailer line.
const LONGEST_LINE: usize = 8192;

impl Chunks {
    /// Takes what belongs to the body; how much that was, and whether the body ended.
    ///
    /// # Errors
    /// The framing is broken: how many bytes stand before the one that tells.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(usize, bool), usize> {
        let mut at = 0;
        while at < bytes.len() && self.state != ChunkState::Done {
            if let ChunkState::Data(left) = self.state {
                let step = left.min((bytes.len() - at) as u64);
                at += step as usize;
                self.state = if step == left { ChunkState::DataEnd } else { ChunkState::Data(left - step) };
                continue;
            }
            self.line.push(bytes[at]);
            if self.line.len() > LONGEST_LINE {
                return Err(at);
            }
            if self.line.last() == Some(&b'\n') {
                let line = std::mem::take(&mut self.line);
                self.state = line.strip_suffix(b"\r\n").and_then(|line| self.next(line)).ok_or(at)?;
            }
            at += 1;
        }
        Ok((at, self.state == ChunkState::Done))
    }

    fn next(&self, line: &[u8]) -> Option<ChunkState> {
        if line.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
            return None;
        }
        match self.state {
            ChunkState::Size => {
                let digits = line.iter().take_while(|b| b.is_ascii_hexdigit()).count();
                let extension = &line[digits..];
                let fine = (1..=15).contains(&digits) && (extension.is_empty() || extension[0] == b';');
                let size = u64::from_str_radix(std::str::from_utf8(&line[..digits]).ok()?, 16).ok();
                match size.filter(|_| fine)? {
                    0 => Some(ChunkState::Trailer),
                    size => Some(ChunkState::Data(size)),
                }
            }
            ChunkState::DataEnd if line.is_empty() => Some(ChunkState::Size),
            ChunkState::Trailer if line.is_empty() => Some(ChunkState::Done),
            ChunkState::Trailer if is_field(line) => Some(ChunkState::Trailer),
            _ => None,
        }
    }
}

/// A name that is a token, a colon, and a value without control characters.
fn is_field(line: &[u8]) -> bool {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else {
        return false;
    };
    colon > 0
        && line[..colon].iter().all(|byte| is_token(*byte))
        && line[colon..].iter().all(|byte| !byte.is_ascii_control() || *byte == b'\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunked(text: &str) -> Result<(usize, bool), usize> {
        // In one piece and byte by byte: both must agree.
        let whole = Chunks::default().take(text.as_bytes());
        let mut chunks = Chunks::default();
        let mut taken = 0;
        let mut bytewise = Ok((0, false));
        for byte in text.as_bytes().chunks(1) {
            match chunks.take(byte) {
                Ok((step, ended)) => {
                    taken += step;
                    bytewise = Ok((taken, ended));
                    if ended {
                        break;
                    }
                }
                Err(step) => {
                    bytewise = Err(taken + step);
                    break;
                }
            }
        }
        assert_eq!(whole, bytewise, "{text:?}");
        whole
    }

    #[test]
    fn chunks_end_where_they_say() {
        assert_eq!(chunked("3;x=y\r\nabc\r\n0\r\n\r\nGET"), Ok((17, true)));
        assert_eq!(chunked("0\r\nA: b\r\n\r\n"), Ok((11, true)));
        assert_eq!(chunked("a\r\n0123"), Ok((7, false)));
        for bad in [
            "3\nabc\r\n",
            "3 \r\nabc\r\n",
            "0x3\r\nabc\r\n",
            "-3\r\n",
            "\r\n",
            "3\r\nabcd\r\n",
            "3\r\nabc\n",
            "3\r\nabc\r\n0\r\n x\r\n\r\n",
            "3\r\nabc\r\n0\r\nX y: z\r\n\r\n",
            "3\r\nabc\r\n0\r\n: z\r\n\r\n",
            "3\r\nabc\r\n0\r\nX : z\r\n\r\n",
            "fffffffffffffffff\r\n",
            "3;\rx\r\nabc",
        ] {
            assert!(chunked(bad).is_err(), "{bad:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn pieces_do_not_matter(text in "([0-9a-f]{1,2}|\r\n|\n|;|ab|0\r\n\r\n| |:){0,20}") {
            let _ = chunked(&text);
        }
    }
}
