//! The life of a sidecar.

use super::core::{Core, Event, Task};
use super::door::Door;
use super::settings::{Settings, SettingsError};
use super::{hub_server, link, metadata, resolve};
use crate::kernel::process;
use crate::{VERSION, hub};
use proofhouse_waas::{Waas, WaasConfig, WaasError};
use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{Sender, channel};

/// Events that wait for the core at most; who would add more waits.
const QUEUE: usize = 1024;

/// The database of countries, beside the rule set; it may be missing.
const COUNTRIES: &str = "geo.mmdb";

/// Why a sidecar stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum SidecarError {
    /// The environment is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The shared volume cannot be used.
    #[error("listen at {path:?}: {source}; the image must have a volume there")]
    Hub {
        /// The socket.
        path: PathBuf,
        /// What the kernel says.
        source: io::Error,
    },
    /// WAAS cannot start.
    #[error("start WAAS: {0}")]
    Waas(#[from] WaasError),
    /// Anything else of the system.
    #[error(transparent)]
    System(#[from] io::Error),
}

/// Runs until the task stops.
///
/// # Errors
/// See [`SidecarError`].
pub fn run(folder: &Path, crs_directory: PathBuf) -> Result<(), SidecarError> {
    let settings = Settings::read(|name| env::var(name).ok())?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(live(
        settings,
        folder,
        crs_directory,
    ))
}

async fn live(settings: Settings, folder: &Path, crs_directory: PathBuf) -> Result<(), SidecarError> {
    let (events, queue) = channel(QUEUE);
    stop_on_signal(events.clone())?;
    let path = hub::socket(folder);
    let listener = hub_server::listen(&path).map_err(|source| SidecarError::Hub { path, source })?;
    let task = identify(&settings).await?;
    let (audits, firewall) = channel(QUEUE);
    let countries = crs_directory.join(COUNTRIES);
    let config = WaasConfig {
        app_id: task.app_id.clone(),
        version: VERSION.to_owned(),
        cloud: task.cloud.clone(),
        crs_directory,
        geo_database: countries.exists().then_some(countries),
        re_captcha: settings.re_captcha.clone(),
        resolve: |host| Box::pin(async move { resolve::addresses(&host).await }),
    };
    let door = Arc::new(Door::default());
    tokio::spawn(hub_server::serve(listener, events.clone(), Arc::clone(&door)));
    match settings.console {
        Ok(console) => drop(tokio::spawn(link::keep(console, events.clone()))),
        Err(error) => eprintln!("defender: {error}. The apps run unprotected, as BROKEN_BUNDLE has it"),
    }
    // Apps need not wait for the rule set, only their requests do. Without one there is no sidecar.
    let (waas, loading) = Waas::start(config, audits);
    let core = Core::new(task, events, Arc::new(waas), door).run(queue, firewall);
    tokio::pin!(core);
    tokio::select! {
        () = &mut core => return Ok(()),
        loaded = loading => loaded?,
    }
    core.await;
    Ok(())
}

/// The task's App ID: its family, and the id that the platform gave it or, without metadata, one of our own.
async fn identify(settings: &Settings) -> io::Result<Task> {
    let cloud = match &settings.metadata {
        Some(uri) => metadata::fetch(uri).await,
        None => Default::default(),
    };
    let suffix = if cloud.resource_id.is_empty() { uuid()? } else { cloud.resource_id.clone() };
    Ok(Task {
        app_id: format!("{}:{suffix}", settings.family),
        cloud,
        incarnation: uuid()?,
        monitors_files: settings.monitors_files,
    })
}

/// A random UUID (version 4).
fn uuid() -> io::Result<String> {
    let mut bytes: [u8; 16] = process::random()?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]))
}

fn stop_on_signal(events: Sender<Event>) -> io::Result<()> {
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let mut signals = signal(kind)?;
        let events = events.clone();
        tokio::spawn(async move {
            signals.recv().await;
            let _ = events.send(Event::Stop).await;
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_its_shape() {
        let one = uuid().unwrap();
        let lengths: Vec<_> = one.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(&one[14..15], "4");
        assert_ne!(one, uuid().unwrap());
    }
}
