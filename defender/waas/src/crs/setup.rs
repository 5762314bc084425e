//! What the setup file of a rule set says: the paranoia level.

use super::action::actions;
use super::parse::{ParseError, directives, words};

/// The level that is in use where nothing else is said.
pub const USUAL_LEVEL: u8 = 1;

/// The highest level whose rules are known here.
pub const HIGHEST_LEVEL: u8 = 2;

/// What sets it, in rule set 4 and 3.
const NAMES: [&str; 2] = ["tx.blocking_paranoia_level", "tx.paranoia_level"];

/// The paranoia level that a `crs-setup.conf` sets by a `SecAction`; the last one counts.
///
/// # Errors
/// A file that cannot be read as one, and a level that is not known here.
pub fn level(text: &str) -> Result<u8, ParseError> {
    let mut level = USUAL_LEVEL;
    for (line, directive) in directives(text) {
        let fail = |what| ParseError { line, what };
        let words = words(&directive).map_err(fail)?;
        if words.first().is_none_or(|word| word != "SecAction") {
            continue;
        }
        for (name, value) in actions(words.get(1).map_or("", String::as_str)) {
            let Some((variable, set)) = value.split_once('=').filter(|_| name == "setvar") else { continue };
            if NAMES.contains(&variable.to_ascii_lowercase().as_str()) {
                level = set
                    .parse()
                    .ok()
                    .filter(|level| (USUAL_LEVEL..=HIGHEST_LEVEL).contains(level))
                    .ok_or_else(|| {
                        fail(format!("paranoia level `{}`: 1 and 2 are known", super::shown(set)))
                    })?;
            }
        }
    }
    Ok(level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_action_that_sets_it_counts() {
        let said = |version: &str, set: &str| {
            level(&format!(
                "# SecAction \"id:1,setvar:tx.blocking_paranoia_level=2\"\nSecDefaultAction \"phase:1,log\"\n\
                 SecAction \\\n    \"id:900000,\\\n    phase:1,\\\n    pass,\\\n    setvar:tx.{version}={set}\"\n"
            ))
        };
        assert_eq!(level(""), Ok(1));
        assert_eq!(said("blocking_paranoia_level", "2"), Ok(2));
        assert_eq!(said("paranoia_level", "2"), Ok(2));
        assert_eq!(said("Blocking_Paranoia_Level", "1"), Ok(1));
        assert_eq!(said("detection_paranoia_level", "4"), Ok(1), "what only logs blocks nothing");
        for bad in ["3", "0", "two", ""] {
            let error = said("paranoia_level", bad).unwrap_err();
            assert_eq!((error.line, error.what), (3, format!("paranoia level `{bad}`: 1 and 2 are known")));
        }
    }
}
