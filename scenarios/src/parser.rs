//! The selected suite, as the language engine takes features.

use crate::suite::Suite;
use cucumber::{Parser, cli, parser};
use futures_util::stream::{self, Iter};
use gherkin::Feature;
use std::vec;

/// Hands over features that were read, checked and selected before.
pub(crate) struct SelectedFeatures;

impl<'a> Parser<&'a Suite> for SelectedFeatures {
    type Cli = cli::Empty;
    type Output = Iter<vec::IntoIter<parser::Result<Feature>>>;

    fn parse(self, suite: &'a Suite, _cli: Self::Cli) -> Self::Output {
        stream::iter(suite.features().iter().cloned().map(Ok).collect::<Vec<_>>())
    }
}
