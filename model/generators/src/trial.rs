//! One thing that is tried in a container.

use crate::lookups::Lookup;
use crate::programs::Program;
use crate::requests::Visit;
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
    /// Requests of a client outside.
    Visit(Visit),
}

/// Something that is tried, with a token of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// Stands in the command line, the name, or, with the number of the request, a header.
    pub token: String,
    /// Container in which it is tried, or whose app is asked.
    pub container: &'static str,
    /// What.
    pub what: What,
}

impl Trial {
    /// What the actor in the container is asked for; the usual resolver is at that address, and the policy may be changing. Nothing where
    /// somebody outside does it.
    #[must_use]
    pub fn request(&self, resolver: IpAddr, amid: bool) -> Option<Request> {
        match &self.what {
            What::Program(program) => Some(program.request(&self.token)),
            What::Lookup(lookup) => Some(lookup.request(&self.token, resolver, amid)),
            What::Visit(_) => None,
        }
    }

    /// The visit that it is, if it is one.
    #[must_use]
    pub fn visit(&self) -> Option<&Visit> {
        match &self.what {
            What::Visit(visit) => Some(visit),
            What::Program(_) | What::Lookup(_) => None,
        }
    }

    /// The same, to be changed.
    pub(crate) fn visit_mut(&mut self) -> Option<&mut Visit> {
        match &mut self.what {
            What::Visit(visit) => Some(visit),
            What::Program(_) | What::Lookup(_) => None,
        }
    }

    /// How many things are tried in it.
    #[must_use]
    pub fn number(&self) -> usize {
        match &self.what {
            What::Visit(visit) => visit.asks.len(),
            _ => 1,
        }
    }

    /// What it is as a runtime policy sees it.
    #[must_use]
    pub fn deeds(&self) -> Vec<Deed> {
        match &self.what {
            What::Program(program) => program.deeds(),
            What::Lookup(lookup) => lookup.deeds(&self.token),
            What::Visit(_) => Vec::new(),
        }
    }

    /// What the actor's doing comes to where nothing is against it.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        match &self.what {
            What::Program(program) => Some(program.outcome(&self.token)),
            What::Lookup(lookup) => Some(lookup.outcome(&self.token)),
            What::Visit(_) => None,
        }
    }

    /// The user that its last program runs as, where that is told.
    #[must_use]
    pub fn user(&self) -> &'static str {
        match &self.what {
            What::Program(program) => program.user(),
            What::Lookup(_) | What::Visit(_) => "root",
        }
    }

    /// Its values in the dimensions of what can be tried, of each thing that is tried in it.
    #[must_use]
    pub fn dimensions(&self) -> Vec<Vec<(&'static str, String)>> {
        match &self.what {
            What::Program(program) => vec![program.dimensions()],
            What::Lookup(lookup) => vec![lookup.dimensions()],
            What::Visit(visit) => visit.dimensions(),
        }
    }

    /// The same in simpler ways, the simplest first.
    #[must_use]
    pub fn simpler(&self) -> Vec<Self> {
        let others: Vec<What> = match &self.what {
            What::Program(program) => program.simpler().into_iter().map(What::Program).collect(),
            What::Lookup(lookup) => lookup.simpler().into_iter().map(What::Lookup).collect(),
            What::Visit(visit) => visit.simpler().into_iter().map(What::Visit).collect(),
        };
        others.into_iter().map(|what| Self { what, ..self.clone() }).collect()
    }

    /// The command, the question or the requests, as people write them.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.what {
            What::Program(program) => program.shown(&self.token),
            What::Lookup(lookup) => lookup.shown(&self.token),
            What::Visit(visit) => visit.shown(),
        }
    }
}
