//! A plan for people.

use super::{Plan, WORLD};
use crate::fidelity::FidelityLabel;
use std::fmt;
use std::time::Duration;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.heading(f)?;
        self.steps(f)?;
        writeln!(f, "\nStop order: {}; then the world", self.stop_words())?;
        self.health(f)?;
        if !self.ports.is_empty() {
            let ports: Vec<String> = self
                .ports
                .iter()
                .map(|port| format!("{}/{} ({})", port.port, port.protocol, port.container))
                .collect();
            writeln!(f, "\nExposed: {}", ports.join(", "))?;
        }
        for missing in &self.missing {
            writeln!(f, "\nFails to start: {missing}")?;
        }
        if !self.notes.is_empty() {
            writeln!(f, "\nNotes")?;
            for note in &self.notes {
                writeln!(f, "  {}: {}", note.container, note.text)?;
            }
        }
        self.fidelity(f)
    }
}

impl Plan {
    fn heading(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Task {}:{}", self.family, self.revision)?;
        if let Some(cpu) = self.cpu {
            write!(f, ", {} vCPU", cpu.vcpu())?;
        }
        if let Some(memory) = self.memory {
            write!(f, ", {} MiB", memory.0)?;
        }
        writeln!(f, ", id {}\n", self.task_id)
    }

    fn steps(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![["Container", "Image", "Essential", "Created", "Started"].map(str::to_owned)];
        let first = "first: it owns the task's network";
        rows.push([WORLD, &self.world.image, "", first, "first"].map(str::to_owned));
        for container in &self.containers {
            let essential = if container.essential { "yes" } else { "no" };
            rows.push(
                [&container.name, &container.spec.image, essential, &container.created, &container.started]
                    .map(|cell: &str| cell.to_owned()),
            );
        }
        table(f, &rows)
    }

    /// What is not as on Fargate; the rest is only counted.
    fn fidelity(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (enforced, others): (Vec<_>, Vec<_>) =
            self.properties.iter().partition(|property| property.fidelity == FidelityLabel::Enforced);
        writeln!(f, "\nSimulated")?;
        writeln!(f, "  {} properties as on Fargate; `proofhouse fidelity` lists them", enforced.len())?;
        let width = others.iter().map(|property| property.name.len()).max().unwrap_or(0);
        for property in others {
            writeln!(f, "  {:13}  {:width$}  {}", property.fidelity, property.name, property.how)?;
        }
        Ok(())
    }

    fn stop_words(&self) -> String {
        self.stop_order.iter().map(|wave| wave.join(" and ")).collect::<Vec<_>>().join("; then ")
    }

    fn health(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let checked: Vec<_> = self
            .containers
            .iter()
            .filter_map(|container| Some((container, container.health.as_ref()?)))
            .collect();
        if checked.is_empty() {
            return Ok(());
        }
        writeln!(f, "\nHealth checks")?;
        let mut rows =
            vec![["Container", "Command", "Interval", "Retries", "Start period"].map(str::to_owned)];
        for (container, probe) in checked {
            rows.push([
                container.name.clone(),
                probe.argv.join(" "),
                time(probe.interval),
                probe.retries.to_string(),
                time(probe.start_period),
            ]);
        }
        table(f, &rows)
    }
}

fn time(duration: Duration) -> String {
    if duration.subsec_millis() == 0 {
        format!("{} s", duration.as_secs())
    } else {
        format!("{} ms", duration.as_millis())
    }
}

/// Columns as wide as their widest cell, a line under the heading.
fn table<const N: usize>(f: &mut fmt::Formatter<'_>, rows: &[[String; N]]) -> fmt::Result {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    for (index, row) in rows.iter().enumerate() {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        writeln!(f, "  {}", cells.join("  ").trim_end())?;
        if index == 0 {
            let rule: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
            writeln!(f, "  {}", rule.join("  "))?;
        }
    }
    Ok(())
}
