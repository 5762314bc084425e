//! Requests from a seed.

use super::ask::{Ask, Carried, Frill, Odd};
use super::coding::Coding;
use super::load::LOADS;
use super::packing::Packing;
use super::visit::{Forwarded, Visit};
use proptest::prelude::*;

const METHODS: &[&str] =
    &["GET", "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND", "FROB"];
const WITH_BODY: &[&str] = &["POST", "POST", "PUT", "PATCH", "DELETE"];

const HOSTS: &[&str] = &[
    "shop.example.com",
    "shop.example.com",
    "a.example.site",
    "A.Example.Site",
    "a.example.site:80",
    "a.b.example.site",
    "example.site",
    "badexample.site",
    "10.0.42.7",
];

const PATHS: &[&str] =
    &["/", "/shop/list", "/shop/", "/shop", "/admin", "/admin/users", "/adminx", "/missing", "/made"];

const ENVS: &[&str] = &["live", "coco", "Coco", "spare", "live, coco", "live, spare"];

/// A client that asks for up to four things.
pub(crate) fn visit() -> impl Strategy<Value = Visit> {
    let asks = prop_oneof![
        3 => prop::collection::vec(ask(), 1),
        3 => prop::collection::vec(ask(), 2..5),
    ];
    let forwarded = prop_oneof![
        5 => Just(Forwarded::No),
        2 => Just(Forwarded::Client),
        1 => Just(Forwarded::ByPrivate),
        1 => Just(Forwarded::BehindPrivate),
        1 => Just(Forwarded::Private),
    ];
    (0..4_u8, forwarded, prop::bool::weighted(0.8), asks).prop_map(|(group, forwarded, kept, asks)| Visit {
        group,
        number: 0,
        again: false,
        forwarded,
        kept,
        asks,
    })
}

fn ask() -> impl Strategy<Value = Ask> {
    let carried = prop_oneof![
        1 => prop::collection::vec(carried(), 0),
        6 => prop::collection::vec(carried(), 1),
        2 => prop::collection::vec(carried(), 2),
    ];
    let odd = prop_oneof![
        14 => Just(None),
        1 => Just(Some(Odd::BodyOfGet)),
        1 => Just(Some(Odd::NoLength)),
    ];
    let frill = prop_oneof![3 => Just(None), 1 => prop::sample::select(Frill::ALL.to_vec()).prop_map(Some)];
    let packing =
        prop_oneof![4 => Just(None), 1 => Just(Some(Packing::Gzip)), 1 => Just(Some(Packing::Deflate))];
    let env = prop_oneof![2 => Just(None), 1 => prop::sample::select(ENVS).prop_map(Some)];
    let places = (
        prop_oneof![3 => Just(80_u16), 1 => Just(81)],
        prop::sample::select(HOSTS),
        prop::sample::select(PATHS),
    );
    let methods = (prop::sample::select(METHODS), prop::sample::select(WITH_BODY));
    (carried, odd, (env, frill, packing), places, methods, prop::bool::weighted(0.3)).prop_map(
        |(carried, odd, (env, frill, packing), (port, host, path), (method, with_body), chunked)| {
            let carried = apart(carried, odd);
            let has_body = carried.iter().any(|one| one.seat.is_body());
            let method = match odd {
                Some(Odd::BodyOfGet) => "GET",
                Some(Odd::NoLength) => "POST",
                None if has_body => with_body,
                None => method,
            };
            let chunked = chunked && has_body;
            let packing = packing.filter(|_| has_body);
            Ask { method, port, host, path, carried, odd, chunked, env, frill, packing, ..Ask::plain() }
        },
    )
}

fn carried() -> impl Strategy<Value = Carried> {
    let load = prop::sample::select((0..LOADS.len()).collect::<Vec<_>>());
    // One of each, as the same picks the same place of every list.
    let any = || any::<prop::sample::Selector>();
    (load, prop::bool::weighted(0.7), any(), any(), any()).prop_map(
        |(at, is_attack, seats, names, codings)| {
            let load = &LOADS[at];
            let seat = seats.select(load.seats.iter().copied());
            let name = names.select(seat.names().iter().copied());
            let coding = codings.select(Coding::of(load, seat));
            Carried { load, is_attack, seat, name, coding }
        },
    )
}

/// Those that can stand in one request: of places and protections of their own, and with one body, or none where it has another.
fn apart(carried: Vec<Carried>, odd: Option<Odd>) -> Vec<Carried> {
    let mut all: Vec<Carried> = Vec::new();
    for one in carried {
        let body = one.seat.is_body();
        let taken = all.iter().any(|other| {
            other.load.attack == one.load.attack || other.seat == one.seat || body && other.seat.is_body()
        });
        if !(taken || body && odd.is_some()) {
            all.push(one);
        }
    }
    all
}
