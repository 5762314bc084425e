//! One thing that is tried in a container.

use crate::lookups::Lookup;
use crate::programs::Program;
use proofhouse_model::{Deed, Outcome};
use proofhouse_protocol::actor::Request;
use std::net::IpAddr;

/// What is tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A program.
    Program(Program),
    /// A lookup.
    Lookup(Lookup),
}

/// Something that is tried, with a token of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// Stands in the command line or the name.
    pub token: String,
    /// Container in which it is tried.
    pub container: &'static str,
    /// What.
    pub what: What,
}

impl Trial {
    /// What the actor in the container is asked for; the usual resolver is at that address, and the policy may be changing.
    #[must_use]
    pub fn request(&self, resolver: IpAddr, amid: bool) -> Request {
        match &self.what {
            What::Program(program) => program.request(&self.token),
            What::Lookup(lookup) => lookup.request(&self.token, resolver, amid),
        }
    }

    /// What it is as a policy sees it.
    #[must_use]
    pub fn deeds(&self) -> Vec<Deed> {
        match &self.what {
            What::Program(program) => program.deeds(),
            What::Lookup(lookup) => lookup.deeds(&self.token),
        }
    }

    /// What it comes to where nothing is against it.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match &self.what {
            What::Program(program) => program.outcome(&self.token),
            What::Lookup(lookup) => lookup.outcome(&self.token),
        }
    }

    /// The user that its last program runs as, where that is told.
    #[must_use]
    pub fn user(&self) -> &'static str {
        match &self.what {
            What::Program(program) => program.user(),
            What::Lookup(_) => "root",
        }
    }

    /// Its values in the dimensions of what can be tried.
    #[must_use]
    pub fn dimensions(&self) -> Vec<(&'static str, String)> {
        match &self.what {
            What::Program(program) => program.dimensions(),
            What::Lookup(lookup) => lookup.dimensions(),
        }
    }

    /// The same in simpler ways, the simplest first.
    #[must_use]
    pub fn simpler(&self) -> Vec<Self> {
        let others: Vec<What> = match &self.what {
            What::Program(program) => program.simpler().into_iter().map(What::Program).collect(),
            What::Lookup(lookup) => lookup.simpler().into_iter().map(What::Lookup).collect(),
        };
        others.into_iter().map(|what| Self { what, ..self.clone() }).collect()
    }

    /// The command or the question, as people write it.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.what {
            What::Program(program) => program.shown(&self.token),
            What::Lookup(lookup) => lookup.shown(&self.token),
        }
    }
}
