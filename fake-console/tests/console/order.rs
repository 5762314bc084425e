//! Nobody is ahead of anybody: what is told and what the Console shows change in one step.

use crate::support::{House, Kept, runtime_audit};
use proofhouse_console::{Console, DefenderInfo};
use proofhouse_protocol::link::{FromDefender, Workload};
use proofhouse_protocol::{Observation, Recorder, Recording};
use serde_json::json;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::Duration;

/// Long enough for someone who need not wait to have looked.
const LOOK: Duration = Duration::from_millis(200);

/// A kind of observation.
type Kind = fn(&Observation) -> bool;

/// What someone looks at who reads the history while it is written.
type Look = fn(&Console) -> String;

/// While it is told something of a kind, it lets someone else look at the Console, and waits for that as long as it takes
/// who is not held up.
#[derive(Default)]
struct Meanwhile {
    kept: Kept,
    console: OnceLock<Console>,
    watched: Mutex<Option<(Kind, Look)>>,
    looks: Mutex<Vec<(Option<String>, Receiver<String>)>>,
}

impl Recorder for Meanwhile {
    fn record(&self, recording: Recording) {
        let watched = self.watched.lock().unwrap().take_if(|(which, _)| which(&recording.observation));
        if let Some((_, look)) = watched {
            let (answer, answered) = channel();
            let console = self.console.get().unwrap().clone();
            thread::spawn(move || answer.send(look(&console)));
            let early = answered.recv_timeout(LOOK).ok();
            self.looks.lock().unwrap().push((early, answered));
        }
        self.kept.record(recording);
    }
}

impl Meanwhile {
    /// The next observation of this kind is looked behind.
    fn watch(&self, which: Kind, look: Look) {
        *self.watched.lock().unwrap() = Some((which, look));
    }

    /// What whoever looked has found; not before it was told.
    async fn seen(&self, house: &House) -> String {
        house.until(|_| !self.looks.lock().unwrap().is_empty()).await;
        let (early, answered) = self.looks.lock().unwrap().pop().unwrap();
        assert_eq!(early, None, "someone saw it while it was told");
        answered.recv().unwrap()
    }
}

fn of_defender(console: &Console, choose: impl Fn(&DefenderInfo) -> String) -> String {
    console.defenders().first().map_or_else(|| "nobody".to_owned(), choose)
}

#[tokio::test]
async fn who_reads_of_a_change_finds_it_and_who_finds_it_can_read_of_it() {
    let recorder = Arc::new(Meanwhile::default());
    let given = recorder.clone();
    let house = House::with(|config| config.recorder = given).await;
    assert!(recorder.console.set(house.console.clone()).is_ok());

    recorder.watch(
        |seen| matches!(seen, Observation::LinkConnected { .. }),
        |console| of_defender(console, |defender| defender.connected.to_string()),
    );
    let mut defender = house.defender("shop:1").await;
    defender.policy().await;
    assert_eq!(recorder.seen(&house).await, "true");

    recorder.watch(
        |seen| matches!(seen, Observation::PolicyApplied { .. }),
        |console| of_defender(console, |defender| defender.applied.to_string()),
    );
    defender.say(&FromDefender::PolicyApplied { revision: 1 }).await;
    assert_eq!(recorder.seen(&house).await, "1");

    recorder.watch(
        |seen| matches!(seen, Observation::PolicyRejected { .. }),
        |console| of_defender(console, |defender| format!("{:?}", defender.rejected)),
    );
    defender.say(&FromDefender::PolicyRejected { revision: 1, error: "no".to_owned() }).await;
    assert_eq!(recorder.seen(&house).await, "Some((1, \"no\"))");

    recorder.watch(
        |seen| matches!(seen, Observation::Workload { .. }),
        |console| of_defender(console, |defender| defender.workloads.len().to_string()),
    );
    let workload = Workload { container: "web".into(), image: "i".into(), start_time: "t".into() };
    defender.say(&FromDefender::Workload(workload)).await;
    assert_eq!(recorder.seen(&house).await, "1");

    recorder.watch(
        |seen| matches!(seen, Observation::Counters { .. }),
        |console| of_defender(console, |defender| defender.counters["audits"].to_string()),
    );
    defender.say(&FromDefender::Counters { totals: [("audits".to_owned(), 5)].into() }).await;
    assert_eq!(recorder.seen(&house).await, "5");

    recorder.watch(
        |seen| matches!(seen, Observation::Audit { .. }),
        |console| console.audits().len().to_string(),
    );
    defender.audits(vec![runtime_audit(1, "shop:1", "web")]).await;
    assert_eq!(recorder.seen(&house).await, "1");

    recorder.watch(
        |seen| matches!(seen, Observation::PolicyRevision { .. }),
        |console| console.current_revision().to_string(),
    );
    house.api().put("/policies/runtime/app-embedded", &json!({})).await;
    assert_eq!(recorder.seen(&house).await, "2");

    recorder.watch(
        |seen| matches!(seen, Observation::LinkRefused { .. }),
        |console| of_defender(console, |defender| defender.connected.to_string()),
    );
    defender.say_text("nonsense".to_owned()).await;
    assert_eq!(recorder.seen(&house).await, "false");
}
