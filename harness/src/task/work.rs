//! Things under way, each with a name, so that one that panics can be told.

use std::any::Any;
use std::collections::HashMap;
use tokio::task::{AbortHandle, Id, JoinSet};

/// Something under way that panicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panicked {
    /// What was being done.
    pub operation: String,
    /// What the panic said.
    pub text: String,
}

impl Panicked {
    pub(super) fn new(operation: &str, panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Self { operation: operation.to_owned(), text: text.unwrap_or_else(|| "no text".to_owned()) }
    }
}

/// Things under way that give a `T`.
pub(super) struct Work<T> {
    under_way: JoinSet<T>,
    names: HashMap<Id, String>,
}

impl<T> Default for Work<T> {
    fn default() -> Self {
        Self { under_way: JoinSet::new(), names: HashMap::new() }
    }
}

impl<T: Send + 'static> Work<T> {
    /// Begins something; the name reads well behind "while".
    pub fn begin(
        &mut self,
        name: impl Into<String>,
        what: impl Future<Output = T> + Send + 'static,
    ) -> AbortHandle {
        let handle = self.under_way.spawn(what);
        self.names.insert(handle.id(), name.into());
        handle
    }

    /// The next that is done, or has panicked; none when nothing is under way. What was aborted is left out.
    pub async fn next(&mut self) -> Option<Result<T, Panicked>> {
        loop {
            match self.under_way.join_next_with_id().await? {
                Ok((id, done)) => {
                    self.names.remove(&id);
                    return Some(Ok(done));
                }
                Err(error) => {
                    let name = self.names.remove(&error.id()).unwrap_or_default();
                    if let Ok(panic) = error.try_into_panic() {
                        return Some(Err(Panicked::new(&name, panic.as_ref())));
                    }
                }
            }
        }
    }

    /// Names of what is under way.
    pub fn names(&self) -> Vec<String> {
        self.names.values().cloned().collect()
    }

    /// Ends all that is under way.
    pub fn abort(&mut self) {
        self.under_way.abort_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_has_a_name_and_a_text_and_an_abort_is_none() {
        let mut work: Work<u8> = Work::default();
        work.begin("waiting", std::future::pending()).abort();
        work.begin("counting \"a\"", async { panic!("no more than {}", 3) });
        let panicked = work.next().await.unwrap().unwrap_err();
        let expected = Panicked { operation: "counting \"a\"".to_owned(), text: "no more than 3".to_owned() };
        assert_eq!(panicked, expected);
        work.begin("one", async { 1 });
        assert_eq!(work.next().await, Some(Ok(1)));
        assert_eq!((work.next().await, work.names()), (None, vec![]));
    }
}
