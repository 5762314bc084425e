//! The user guide says what the command does.

use crate::support::{Place, workspace};
use proofhouse_reports::ExitCode;

fn guide() -> String {
    std::fs::read_to_string(workspace("docs/guide.md")).unwrap()
}

#[test]
fn every_exit_code_is_in_the_table() {
    let guide = guide();
    for code in ExitCode::PRECEDENCE {
        let row = guide.lines().find(|line| line.starts_with(&format!("| {} |", code.code())));
        // What follows a colon are examples.
        let words = code.sentence().split(':').next().unwrap();
        assert!(row.is_some_and(|row| row.contains(words)), "{code:?}: {row:?}");
    }
    let order = ExitCode::PRECEDENCE.map(|code| code.code().to_string()).join(", ");
    assert!(guide.contains(&format!("{order}.")), "{order}");
}

#[test]
fn every_command_is_in_the_table() {
    let (guide, help) = (guide(), Place::new().run(&["--help"]).stdout);
    let commands = help.split("Commands:").nth(1).unwrap().split("\n\n").next().unwrap();
    let names: Vec<_> = commands.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() > 10, "{help}");
    for name in names.into_iter().filter(|name| *name != "help") {
        assert!(guide.contains(&format!("| `{name}` |")), "{name}");
    }
}
