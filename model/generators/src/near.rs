//! Texts beside a text.

use proptest::prelude::*;

/// What covers a text in some way, or misses it narrowly: stars, other case, a part, more than it.
pub fn near(text: String) -> impl Strategy<Value = String> {
    let end = text.chars().count();
    (0..10_u8, 0..=end, 0..=end).prop_map(move |(way, a, b)| {
        let part = |from: usize, to: usize| text.chars().skip(from).take(to - from).collect::<String>();
        match way {
            0 | 1 => text.clone(),
            2 => text.to_uppercase(),
            3 => format!("*{}", part(a, end)),
            4 => format!("{}*", part(0, a)),
            5 => format!("*{}*", part(a.min(b), a.max(b))),
            6 => format!("x{text}"),
            7 => format!("{text}x"),
            8 => part(a.min(1), end),
            _ => part(0, end.saturating_sub(1)),
        }
    })
}
