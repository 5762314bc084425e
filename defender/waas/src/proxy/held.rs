//! What is here of a body and has not gone on.

use bytes::{Bytes, BytesMut};
use hyper::body::Frame;
use std::collections::VecDeque;

/// A piece that is shorter is put together with others of its kind: kept by itself, it takes more room than its bytes.
const SMALL: usize = 1024;

/// Bytes that are put together at most.
const MOST: usize = 16 << 10;

/// Pieces of a body in their order. Where one ends is nobody's business.
#[derive(Debug, Default)]
pub(super) struct Held {
    frames: VecDeque<Frame<Bytes>>,
    /// Small pieces that came behind them.
    small: BytesMut,
}

impl Held {
    /// Adds what came next.
    pub(super) fn push(&mut self, frame: Frame<Bytes>) {
        match frame.into_data() {
            Ok(data) if data.len() < SMALL => {
                if self.small.len() + data.len() > MOST {
                    self.close();
                }
                self.small.extend_from_slice(&data);
            }
            Ok(data) => self.put(Frame::data(data)),
            Err(trailers) => self.put(trailers),
        }
    }

    fn put(&mut self, frame: Frame<Bytes>) {
        self.close();
        self.frames.push_back(frame);
    }

    fn close(&mut self) {
        if !self.small.is_empty() {
            let small = std::mem::take(&mut self.small);
            self.frames.push_back(Frame::data(small.freeze()));
        }
    }

    /// Takes what came first.
    pub(super) fn pop(&mut self) -> Option<Frame<Bytes>> {
        if self.frames.is_empty() {
            self.close();
        }
        self.frames.pop_front()
    }

    /// The bytes of it.
    pub(super) fn data(&self) -> impl Iterator<Item = &[u8]> {
        let frames = self.frames.iter().filter_map(Frame::data_ref).map(|data| &data[..]);
        frames.chain([&self.small[..]])
    }

    /// Whether there is nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty() && self.small.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::HeaderMap;

    #[test]
    fn small_pieces_become_few_and_order_stays() {
        let mut held = Held::default();
        let mut sent = Vec::new();
        for number in 0..40_000_u32 {
            let length = if number % 10_000 == 7 { SMALL } else { 1 };
            let piece = vec![u8::try_from(number % 251).unwrap(); length];
            sent.extend_from_slice(&piece);
            held.push(Frame::data(Bytes::from(piece)));
        }
        held.push(Frame::trailers(HeaderMap::new()));
        held.push(Frame::data(Bytes::from_static(b"behind")));
        assert_eq!(held.data().collect::<Vec<_>>().concat(), [&sent[..], b"behind"].concat());
        assert!(held.frames.len() <= 12, "{}", held.frames.len());
        let frames: Vec<_> = std::iter::from_fn(|| held.pop()).collect();
        assert!(held.is_empty() && frames[frames.len() - 2].is_trailers());
        let data: Vec<_> = frames.iter().filter_map(Frame::data_ref).map(|data| &data[..]).collect();
        assert_eq!(data.concat(), [&sent[..], b"behind"].concat());
    }
}
