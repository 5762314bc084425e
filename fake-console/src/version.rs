//! The Console's version, and what follows from it: API prefixes, image tag, Defenders it still serves.

use std::fmt;
use std::str::FromStr;

/// Releases that had a public API of their own, in order. *Declared choice*: the list of releases is ours, the
/// rule (current and three previous, two before 33.00) is documented [SPEC, RN].
const RELEASES: [(u16, u16); 30] = [
    (21, 4),
    (21, 8),
    (22, 1),
    (22, 6),
    (22, 12),
    (30, 0),
    (30, 1),
    (30, 2),
    (30, 3),
    (31, 0),
    (31, 1),
    (31, 2),
    (31, 3),
    (32, 0),
    (32, 1),
    (32, 2),
    (32, 3),
    (32, 4),
    (32, 5),
    (32, 6),
    (32, 7),
    (33, 0),
    (33, 1),
    (33, 2),
    (33, 3),
    (34, 0),
    (34, 1),
    (34, 2),
    (34, 3),
    (34, 4),
];

/// A version such as `34.04.145`: two digits each for release and update, then the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    release: u16,
    update: u16,
    build: u32,
}

/// A text that is not a version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("version '{0}' is not of the form 34.04.145: give release, update and build")]
pub struct BadVersion(pub String);

impl FromStr for Version {
    type Err = BadVersion;

    fn from_str(text: &str) -> Result<Self, BadVersion> {
        let bad = || BadVersion(text.to_owned());
        let mut parts = text.split('.');
        let mut digits = |width: std::ops::RangeInclusive<usize>| {
            parts.next().filter(|p| width.contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()))
        };
        let release = digits(2..=2).and_then(|p| p.parse().ok()).ok_or_else(bad)?;
        let update = digits(2..=2).and_then(|p| p.parse().ok()).ok_or_else(bad)?;
        let build = digits(1..=6).and_then(|p| p.parse().ok()).ok_or_else(bad)?;
        if parts.next().is_some() {
            return Err(bad());
        }
        Ok(Self { release, update, build })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}.{:02}.{}", self.release, self.update, self.build)
    }
}

impl Version {
    /// Tag of the Defender image of this version: `defender_34_04_145` [DUMP, HATCH].
    #[must_use]
    pub fn image_tag(&self) -> String {
        format!("defender_{:02}_{:02}_{}", self.release, self.update, self.build)
    }

    fn previous_served(&self) -> usize {
        if self.release >= 33 { 3 } else { 2 }
    }

    /// Path segments under `/api/` that this Console serves, `v1` first.
    #[must_use]
    pub fn api_prefixes(&self) -> Vec<String> {
        let current = (self.release, self.update);
        let before = RELEASES.iter().rev().filter(|r| **r < current).take(self.previous_served());
        std::iter::once("v1".to_owned())
            .chain(std::iter::once(&current).chain(before).map(|(r, u)| format!("v{r:02}.{u:02}")))
            .collect()
    }

    /// Whether a Defender of that version may connect: its release is at most three releases back, two before
    /// 33.00 (X6) [RN]. A newer Defender is let in (*declared choice*).
    #[must_use]
    pub fn serves_defender(&self, defender: Self) -> bool {
        let mut majors: Vec<u16> =
            RELEASES.iter().map(|(r, u)| if *r < 30 { r * 100 + u } else { r * 100 }).collect();
        // Each number behind the last that is known is a release (declared choice).
        majors.extend((RELEASES[RELEASES.len() - 1].0 + 1..=self.release).map(|release| release * 100));
        majors.dedup();
        let own = if self.release < 30 { self.release * 100 + self.update } else { self.release * 100 };
        let its = if defender.release < 30 {
            defender.release * 100 + defender.update
        } else {
            defender.release * 100
        };
        its >= own || majors.iter().filter(|m| its <= **m && **m < own).count() <= self.previous_served()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn a_version_is_written_as_it_was_read() {
        assert_eq!(version("34.04.145").to_string(), "34.04.145");
        assert_eq!(version("22.06.3").image_tag(), "defender_22_06_3");
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "34", "34.04", "34.4.145", "a4.04.145", "34.04.145.1", "34.04.", "+4.04.1"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_api_of_the_current_and_three_previous_releases_is_served() {
        assert_eq!(version("34.04.145").api_prefixes(), ["v1", "v34.04", "v34.03", "v34.02", "v34.01"]);
        assert_eq!(version("33.00.100").api_prefixes(), ["v1", "v33.00", "v32.07", "v32.06", "v32.05"]);
        assert_eq!(version("22.12.427").api_prefixes(), ["v1", "v22.12", "v22.06", "v22.01"]);
    }

    #[test]
    fn defenders_are_served_three_releases_back_from_33_and_two_before() {
        assert!(version("34.04.145").serves_defender(version("31.00.1")));
        assert!(!version("34.04.145").serves_defender(version("30.03.1")));
        assert!(version("32.00.1").serves_defender(version("30.00.1")));
        assert!(!version("32.00.1").serves_defender(version("22.12.1")));
        assert!(version("34.04.145").serves_defender(version("35.00.1")));
        assert!(version("37.00.1").serves_defender(version("34.04.145")));
        assert!(!version("38.00.1").serves_defender(version("34.04.145")));
    }
}
