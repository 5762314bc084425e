//! The clock of firewalls, which the Console has put forward.

use crate::support::House;
use proofhouse_protocol::link::{FromConsole, FromDefender};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(5);
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn it_is_ahead_when_the_defender_says_so_and_stays_so_over_a_new_connection() {
    let house = House::new().await;
    assert!(house.console.pass_time_of_firewalls(MINUTE, Duration::from_millis(1)).await.is_err());
    let mut defender = house.defender("shop:1").await;
    defender.policy().await;
    assert_eq!(defender.hear().await, FromConsole::Clock { ahead: 60 });
    let (passed, ()) = tokio::join!(house.console.pass_time_of_firewalls(4 * MINUTE, SOON), async {
        assert_eq!(defender.hear().await, FromConsole::Clock { ahead: 300 });
        // What it was before is not enough.
        defender.say(&FromDefender::ClockSet { ahead: 60 }).await;
        defender.say(&FromDefender::ClockSet { ahead: 300 }).await;
    });
    passed.unwrap();
    defender.close().await;
    house.until(|house| house.console.defenders().iter().all(|defender| !defender.connected)).await;
    let mut defender = house.defender("shop:1").await;
    defender.policy().await;
    assert_eq!(defender.hear().await, FromConsole::Clock { ahead: 300 });
}

#[tokio::test]
async fn a_defender_that_is_silent_about_it_is_named() {
    let house = House::new().await;
    let mut defender = house.defender("shop:1").await;
    defender.policy().await;
    let late = house.console.pass_time_of_firewalls(MINUTE, Duration::from_millis(50)).await.unwrap_err();
    assert!(late.to_string().contains("a firewall's clock 60 s ahead did not happen within 50 ms"), "{late}");
    assert!(late.to_string().contains("shop:1"), "{late}");
}
