//! The folder of a run.

use super::{to_cucumber_json, to_html, to_junit, to_results_json};
use crate::{HistoryRecord, RunReport};
use std::io;
use std::path::{Path, PathBuf};

/// A report could not be written.
#[derive(Debug, thiserror::Error)]
#[error("write the report `{}`: {source}", path.display())]
pub struct FolderError {
    /// Where.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// Writes `results.json`, `junit.xml`, `cucumber.json` and `report.html` into a folder, which is made if need be.
///
/// Each file appears whole or not at all, so that a reader never sees half of one.
///
/// # Errors
/// At the first file that cannot be written. Those before it are there.
pub fn write_folder(folder: &Path, report: &RunReport, records: &[HistoryRecord]) -> Result<(), FolderError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| FolderError { path, source }
    };
    std::fs::create_dir_all(folder).map_err(failed(folder))?;
    let write = |name: &str, text: String| {
        let (path, draft) = (folder.join(name), folder.join(format!(".{name}.part")));
        std::fs::write(&draft, text).and_then(|()| std::fs::rename(&draft, &path)).map_err(|source| {
            // The draft is of no use to anyone, and the first error is the one to tell.
            let _ = std::fs::remove_file(&draft);
            FolderError { path, source }
        })
    };
    write("results.json", to_results_json(report))?;
    write("junit.xml", to_junit(report))?;
    write("cucumber.json", to_cucumber_json(report))?;
    write("report.html", to_html(report, records))
}
