//! The history of a run, its verdicts, and every writer of it.
