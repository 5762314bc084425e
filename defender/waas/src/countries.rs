//! Which country an address is in, by a database in the format of MaxMind DB.
//!
//! Declared choices: without a database no country is known, and the control of countries does nothing; with one, an address that it
//! does not have is in no country.

use maxminddb::{MaxMindDbError, PathElement, Reader};
use std::net::IpAddr;
use std::path::Path;

/// ISO 3166-1 alpha-2, in capitals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Country([u8; 2]);

impl Country {
    /// Two letters of ASCII, in any case.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let letters: [u8; 2] = text.as_bytes().try_into().ok()?;
        letters
            .iter()
            .all(u8::is_ascii_alphabetic)
            .then(|| Self(letters.map(|letter| letter.to_ascii_uppercase())))
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("letters of ASCII")
    }
}

/// What is known of where a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Origin {
    /// There is no database to ask.
    #[default]
    Unasked,
    /// The database does not have the address.
    Nowhere,
    /// It has.
    In(Country),
}

impl Origin {
    pub(crate) fn country(&self) -> Option<&str> {
        match self {
            Self::In(country) => Some(country.as_str()),
            Self::Unasked | Self::Nowhere => None,
        }
    }
}

/// The database, if there is one.
#[derive(Debug)]
pub(crate) struct Countries(Option<Reader<Vec<u8>>>);

impl Countries {
    /// Reads the whole file, if one is given.
    pub(crate) fn load(database: Option<&Path>) -> Result<Self, MaxMindDbError> {
        if database.is_none() {
            tracing::info!(
                "WAAS has no database of countries: no country is known, and rules on countries do nothing"
            );
        }
        database.map(Reader::open_readfile).transpose().map(Self)
    }

    pub(crate) fn origin(&self, address: IpAddr) -> Origin {
        let Some(database) = &self.0 else { return Origin::Unasked };
        match find(database, address.to_canonical()) {
            Some(country) => Origin::In(country),
            None => Origin::Nowhere,
        }
    }
}

/// An address of a kind that the database does not have at all, and data that are no country's, are not found either.
fn find(database: &Reader<Vec<u8>>, address: IpAddr) -> Option<Country> {
    let code = [PathElement::Key("country"), PathElement::Key("iso_code")];
    let code: Option<&str> = database.lookup(address).ok()?.decode_path(&code).ok()?;
    Country::parse(code?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn countries() -> Countries {
        let bytes = proofhouse_geo::database(&proofhouse_geo::BLOCKS);
        Countries(Some(Reader::from_source(bytes).unwrap()))
    }

    #[test]
    fn a_country_is_two_letters() {
        assert_eq!(Country::parse("de"), Country::parse("DE"));
        assert_eq!(Country::parse("de").unwrap().as_str(), "DE");
        for wrong in ["", "D", "DEU", "D1", "ü", " D"] {
            assert_eq!(Country::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn addresses_are_looked_up() {
        let countries = countries();
        let country = |address: &str| countries.origin(address.parse().unwrap()).country().map(str::to_owned);
        for (address, code) in [
            ("203.0.113.0", "AU"),
            ("203.0.113.255", "AU"),
            ("198.51.100.7", "US"),
            ("192.0.2.1", "DE"),
            ("::ffff:192.0.2.1", "DE"),
            ("46.33.80.185", "US"),
            ("1.159.255.255", "AU"),
        ] {
            assert_eq!(country(address).as_deref(), Some(code), "{address}");
        }
        for elsewhere in
            ["203.0.114.0", "203.0.112.255", "192.0.3.1", "0.0.0.0", "255.255.255.255", "2001:db8::1"]
        {
            assert_eq!(countries.origin(elsewhere.parse().unwrap()), Origin::Nowhere, "{elsewhere}");
        }
    }

    #[test]
    fn the_database_is_a_sound_one() {
        Reader::from_source(proofhouse_geo::database(&proofhouse_geo::BLOCKS)).unwrap().verify().unwrap();
    }

    #[test]
    fn without_a_database_nobody_is_asked() {
        let none = Countries::load(None).unwrap();
        assert_eq!(none.origin("203.0.113.7".parse().unwrap()), Origin::Unasked);
        assert!(Countries::load(Some(Path::new("/nowhere/geo.mmdb"))).is_err());
    }
}
