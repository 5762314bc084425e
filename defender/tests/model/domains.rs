//! Names that are looked up, and entries of lists that mean them, or nearly.

use proofhouse_generators::near;
use proptest::prelude::*;

/// Names beside each other: below, above, longer and shorter labels, one in another.
const NAMES: [&str; 14] = [
    "example.com",
    "www.example.com",
    "a.www.example.com",
    "evilexample.com",
    "www.evilexample.com",
    "xample.com",
    "example.com.evil.test",
    "www.example.org",
    "web",
    "x.s3.eu.amazon.com",
    "s3.amazon.com",
    "s3.eu",
    "xn--bcher-kva.example",
    "www.xn--bcher-kva.example",
];

/// A question, in some case, with the dot of the root or without.
pub fn name() -> impl Strategy<Value = String> {
    (prop::sample::select(&NAMES[..]), 0..4_u8).prop_map(|(name, form)| match form {
        0 | 1 => name.to_owned(),
        2 => name.to_uppercase(),
        _ => format!("{name}."),
    })
}

/// An entry: a name, or one with stars in place of labels or of a part of one.
pub fn entry() -> impl Strategy<Value = String> {
    let starred = (prop::sample::select(&NAMES[..]), 0..16_u8, 0..5_u8).prop_map(|(name, stars, ends)| {
        let labels = name.split('.').enumerate();
        let labels: Vec<&str> =
            labels.map(|(at, label)| if stars >> at & 1 == 1 { "*" } else { label }).collect();
        let text = labels.join(".");
        match ends {
            0 => format!("*.{text}"),
            1 => format!("*{text}"),
            2 => format!("{text}.*"),
            3 => format!("*.{text}.*"),
            _ => text,
        }
    });
    let plain = prop::sample::select(&NAMES[..]).prop_flat_map(|name| near(name.to_owned()));
    let below = prop::sample::select(&NAMES[..]).prop_map(|name| format!("*.{name}"));
    let written =
        prop::sample::select(&["bücher.example", "www.BÜCHER.example", "*.bücher.example", "*.example"][..])
            .prop_flat_map(|text| prop_oneof![Just(text.to_owned()), near(text.to_owned())]);
    (prop_oneof![3 => starred, 3 => plain, 3 => below, 1 => written], prop::bool::weighted(0.1))
        .prop_map(|(entry, dot)| if dot { format!("{entry}.") } else { entry })
}
