//! The kernel's own count of kills for want of memory, where the engine's kernel is this one.

use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::inotify::{AddWatchFlags, InitFlags, Inotify};
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::watch;

/// The kernel signals the end of a group within that time of its removal.
const END: Duration = Duration::from_secs(1);

/// What the kernel has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    /// Nothing yet; the group is there.
    Nothing,
    /// A kill.
    Kill,
    /// Nothing until the end of the group.
    NothingAtAll,
    /// Something that cannot be read any more.
    Unknown,
}

/// The memory group of a container.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Directory of the first version's hierarchy.
    First(PathBuf),
    /// Directory of the second version's hierarchy.
    Second(PathBuf),
}

/// The group of a process, if it runs on this kernel as part of the container.
pub(super) fn of(pid: i64, container: &str) -> Option<Group> {
    let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
    // A process id means something here only if the engine runs on this kernel; the group tells.
    groups.contains(container).then_some(())?;
    locate(&groups, &fs::read_to_string("/proc/self/mountinfo").ok()?)
}

fn locate(groups: &str, mounts: &str) -> Option<Group> {
    let rows =
        || groups.lines().filter_map(|line| line.splitn(3, ':').skip(1).collect::<Vec<_>>().try_into().ok());
    let of_memory =
        rows().find(|[controllers, _]: &[&str; 2]| controllers.split(',').any(|one| one == "memory"));
    match of_memory {
        Some([_, path]) => directory(mounts, "cgroup", Some("memory"), path).map(Group::First),
        None => {
            let [_, path] = rows().find(|[controllers, _]| controllers.is_empty())?;
            directory(mounts, "cgroup2", None, path).map(Group::Second)
        }
    }
}

/// Where a group of a hierarchy is mounted.
fn directory(mounts: &str, kind: &str, option: Option<&str>, group: &str) -> Option<PathBuf> {
    mounts.lines().find_map(|line| {
        let (place, system) = line.split_once(" - ")?;
        let mut place = place.split(' ').skip(3);
        let (root, point) = (place.next()?, place.next()?);
        let mut system = system.split(' ');
        let (found, _, options) = (system.next()?, system.next()?, system.next()?);
        let fits = found == kind && option.is_none_or(|option| options.split(',').any(|one| one == option));
        let below = group.strip_prefix(root.trim_end_matches('/'))?;
        fits.then(|| Path::new(point).join(below.trim_start_matches('/')))
    })
}

impl Group {
    /// Follows the count until there is a kill or the group ends.
    pub fn follow(&self) -> io::Result<watch::Receiver<Counted>> {
        match self {
            Self::First(directory) => First::open(directory)?.follow(),
            Self::Second(directory) => Second::open(directory)?.follow(),
        }
    }
}

/// Reads a descriptor that is no pipe, but is read and waited for like one.
fn reader(descriptor: OwnedFd) -> io::Result<Receiver> {
    Receiver::from_owned_fd_unchecked(descriptor)
}

/// Reads `oom_kill` of a file that both versions have in the same form.
fn kills(file: &File) -> io::Result<u64> {
    let mut bytes = [0; 1024];
    let length = file.read_at(&mut bytes, 0)?;
    let text = String::from_utf8_lossy(&bytes[..length]);
    Ok(text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok()).unwrap_or(0))
}

/// The first version signals through an event descriptor: once when memory has run out, and once when the group ends.
struct First {
    signals: Receiver,
    control: File,
}

impl First {
    fn open(directory: &Path) -> io::Result<Self> {
        let control = File::open(directory.join("memory.oom_control"))?;
        let signals = EventFd::from_flags(EfdFlags::EFD_NONBLOCK | EfdFlags::EFD_CLOEXEC)?;
        let order = format!("{} {}", signals.as_raw_fd(), control.as_raw_fd());
        fs::write(directory.join("cgroup.event_control"), order)?;
        Ok(Self { signals: reader(signals.into())?, control })
    }

    fn follow(self) -> io::Result<watch::Receiver<Counted>> {
        let already = kills(&self.control)? > 0;
        let (sender, receiver) = watch::channel(if already { Counted::Kill } else { Counted::Nothing });
        if !already {
            tokio::spawn(async move { sender.send_replace(self.end().await) });
        }
        Ok(receiver)
    }

    async fn end(mut self) -> Counted {
        let Ok(first) = self.signal().await else { return Counted::Unknown };
        if first > 1 || kills(&self.control).is_ok() {
            return Counted::Kill;
        }
        // The group is gone. Its end is one signal; a second one is that memory had run out.
        match tokio::time::timeout(END, self.signal()).await {
            Ok(Ok(_)) => Counted::Kill,
            Ok(Err(_)) => Counted::Unknown,
            Err(_) => Counted::NothingAtAll,
        }
    }

    async fn signal(&mut self) -> io::Result<u64> {
        let mut count = [0; 8];
        self.signals.read_exact(&mut count).await?;
        Ok(u64::from_ne_bytes(count))
    }
}

/// The second version changes files: one with the count, one that says whether a process is left.
struct Second {
    changes: Receiver,
    count: File,
    population: File,
}

impl Second {
    fn open(directory: &Path) -> io::Result<Self> {
        let changes = Inotify::init(InitFlags::IN_NONBLOCK | InitFlags::IN_CLOEXEC)?;
        for file in ["memory.events", "cgroup.events"] {
            changes.add_watch(&directory.join(file), AddWatchFlags::IN_MODIFY)?;
        }
        let count = File::open(directory.join("memory.events"))?;
        let population = File::open(directory.join("cgroup.events"))?;
        Ok(Self { changes: reader(changes.into())?, count, population })
    }

    fn follow(self) -> io::Result<watch::Receiver<Counted>> {
        let already = kills(&self.count)? > 0;
        let (sender, receiver) = watch::channel(if already { Counted::Kill } else { Counted::Nothing });
        if !already {
            tokio::spawn(async move { sender.send_replace(self.end().await) });
        }
        Ok(receiver)
    }

    async fn end(mut self) -> Counted {
        loop {
            // What has changed is read, not believed.
            if self.changes.read(&mut [0; 4096]).await.is_err() {
                return Counted::Unknown;
            }
            match (kills(&self.count), self.is_empty()) {
                (Ok(kills), _) if kills > 0 => return Counted::Kill,
                (Ok(_), Ok(true)) => return Counted::NothingAtAll,
                (Ok(_), Ok(false)) => {}
                // Something changed and the group went before it could be read.
                _ => return Counted::Unknown,
            }
        }
    }

    fn is_empty(&self) -> io::Result<bool> {
        let mut bytes = [0; 256];
        let length = self.population.read_at(&mut bytes, 0)?;
        Ok(String::from_utf8_lossy(&bytes[..length]).lines().any(|line| line == "populated 0"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_found_where_it_is_mounted() {
        let mounts = "22 27 0:21 / /proc rw - proc proc rw\n\
            35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n\
            41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n";
        let first = locate("5:devices:/docker/c\n4:memory:/docker/c\n0::/docker/c\n", mounts);
        assert_eq!(first, Some(Group::First("/sys/fs/cgroup/memory/docker/c".into())));
        let second = locate("0::/system.slice/docker-c.scope\n", mounts);
        assert_eq!(second, Some(Group::Second("/sys/fs/cgroup/unified/system.slice/docker-c.scope".into())));
        // A harness that is itself in a container sees its own part of the hierarchy.
        let part = "35 31 0:32 /outer /cg rw - cgroup cgroup rw,cpu,memory\n";
        assert_eq!(locate("4:cpu,memory:/outer/docker/c", part), Some(Group::First("/cg/docker/c".into())));
        assert_eq!(locate("4:memory:/elsewhere/c", part), None);
        assert_eq!(locate("", mounts), None);
    }

    async fn after(change: impl FnOnce(&Path)) -> Counted {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("memory.events"), "max 0\noom 0\noom_kill 0\n").unwrap();
        fs::write(folder.path().join("cgroup.events"), "populated 1\nfrozen 0\n").unwrap();
        let mut counted = Group::Second(folder.path().to_owned()).follow().unwrap();
        change(folder.path());
        *counted.wait_for(|counted| *counted != Counted::Nothing).await.unwrap()
    }

    #[tokio::test]
    async fn a_kill_is_seen_in_the_second_version_and_an_end_without_one_too() {
        let kill = |folder: &Path| {
            fs::write(folder.join("memory.events"), "max 9\noom 1\noom_kill 1\n").unwrap();
            fs::write(folder.join("cgroup.events"), "populated 0\nfrozen 0\n").unwrap();
        };
        assert_eq!(after(kill).await, Counted::Kill);
        let end = |folder: &Path| fs::write(folder.join("cgroup.events"), "populated 0\nfrozen 0\n").unwrap();
        assert_eq!(after(end).await, Counted::NothingAtAll);
    }
}
