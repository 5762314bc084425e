//! Data tables and doc strings of a step.

use super::StepError;
use gherkin::Step;

/// One section of a runtime rule, as a row of a table says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// `processes`, `network`, `dns`, `filesystem`.
    pub name: String,
    /// Effect, as written.
    pub effect: String,
    /// Allow list.
    pub allowed: Vec<String>,
    /// Deny list.
    pub denied: Vec<String>,
    /// Switches that are on.
    pub options: Vec<String>,
}

fn rows(step: &Step) -> Result<&[Vec<String>], StepError> {
    step.table
        .as_ref()
        .map(|table| table.rows.as_slice())
        .ok_or_else(|| StepError::new("the step wants a table"))
}

fn list(cell: &str) -> Vec<String> {
    cell.split(',').map(str::trim).filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect()
}

/// Rows under the header `section`, `effect`, `allowed`, `denied`, `option`; the last three may be missing.
///
/// # Errors
/// When there is no table, or a column that nobody knows.
pub fn sections(step: &Step) -> Result<Vec<Section>, StepError> {
    let (header, rows) = rows(step)?.split_first().ok_or_else(|| StepError::new("the table is empty"))?;
    let known = ["section", "effect", "allowed", "denied", "option"];
    if let Some(stranger) = header.iter().find(|column| !known.contains(&column.as_str())) {
        return Err(StepError::new(format!(
            "the table has a column \"{stranger}\"; known are {}",
            known.join(", ")
        )));
    }
    let cell = |row: &Vec<String>, column: &str| {
        header.iter().position(|name| name == column).and_then(|at| row.get(at)).cloned().unwrap_or_default()
    };
    Ok(rows
        .iter()
        .map(|row| Section {
            name: cell(row, "section"),
            effect: cell(row, "effect"),
            allowed: list(&cell(row, "allowed")),
            denied: list(&cell(row, "denied")),
            options: list(&cell(row, "option")),
        })
        .collect())
}

/// Rows of two cells under a header.
///
/// # Errors
/// When there is no such table.
pub fn pairs(step: &Step) -> Result<Vec<(String, String)>, StepError> {
    Ok(rows_of_two(step)?.split_off(1))
}

/// Rows of two cells, without a header.
///
/// # Errors
/// When there is no such table.
pub fn rows_of_two(step: &Step) -> Result<Vec<(String, String)>, StepError> {
    rows(step)?
        .iter()
        .map(|row| match row.as_slice() {
            [left, right] => Ok((left.clone(), right.clone())),
            _ => Err(StepError::new("the table wants two columns")),
        })
        .collect()
}

/// Rows of three cells, without a header.
///
/// # Errors
/// When there is no such table.
pub fn rows_of_three(step: &Step) -> Result<Vec<[String; 3]>, StepError> {
    let three = |row: &Vec<String>| {
        row.clone().try_into().map_err(|_| StepError::new("the table wants three columns"))
    };
    rows(step)?.iter().map(three).collect()
}

/// Rows of one cell, without a header.
///
/// # Errors
/// When there is no table.
pub fn column(step: &Step) -> Result<Vec<String>, StepError> {
    Ok(rows(step)?.iter().filter_map(|row| row.first().cloned()).collect())
}

/// The doc string.
///
/// # Errors
/// When there is none.
pub fn text(step: &Step) -> Result<String, StepError> {
    let text = step
        .docstring
        .as_ref()
        .ok_or_else(|| StepError::new("the step wants a text between triple quotes"))?;
    Ok(text.strip_prefix('\n').unwrap_or(text).to_owned())
}
