//! What is counted of a request when it is decided on, and when it fails.

use super::deciding::Verdict;
use super::{Body, Firewall, block};
use crate::discovery::Lesson;
use crate::statistics::{Began, Count};
use hyper::Response;

impl Firewall {
    /// The outcome, and the alerts that do not end a request.
    pub(super) fn count_outcome(&self, verdict: &Verdict, broken: bool) {
        self.statistics.count(match verdict {
            _ if broken => Count::Unreadable,
            Verdict::Block => Count::Blocked,
            Verdict::Page(_) => Count::Interstitial,
            Verdict::Question(_) => Count::CaptchaPage,
            // What becomes of it is counted when the service has said so.
            Verdict::Solution(..) => return,
            Verdict::Forward(_) | Verdict::Allow => Count::Forwarded,
        });
        if let Verdict::Forward(alerts) | Verdict::Page(alerts) | Verdict::Question(alerts) = verdict {
            alerts.iter().for_each(|alert| self.statistics.told_of(alert));
        }
    }

    /// Whether the application gave no answer, which is counted then.
    pub(super) fn is_failed(&self, response: &mut Response<Body>, request: &Lesson, began: &Began) -> bool {
        let failed = response.extensions_mut().remove::<block::Failed>();
        if let Some(block::Failed(why)) = &failed {
            self.statistics.failed(began.error(request.route(), why.clone(), &self.config.app_id));
        }
        failed.is_some()
    }
}
