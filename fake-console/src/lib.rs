//! The simulated Console: REST API, Defender link, embed, audits, faults.
