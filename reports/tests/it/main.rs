//! The crate as its users see it, on one invented run.

#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod checks;
#[cfg(test)]
mod compare;
#[cfg(test)]
mod exit;
#[cfg(test)]
mod history;
#[cfg(test)]
mod html;
#[cfg(test)]
mod known_failures;
#[cfg(test)]
mod observations;
#[cfg(test)]
mod round_trip;
mod sample;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod verdict;
#[cfg(test)]
mod whole_run;
#[cfg(test)]
mod writers;
