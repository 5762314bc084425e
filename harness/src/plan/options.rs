//! What a plan needs beside the definition.

use crate::labels::RunLabels;
use crate::stand_ins::StandIns;
use proofhouse_protocol::image::canonical;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// What a plan needs beside the definition.
#[derive(Debug, Clone)]
pub struct PlanOptions {
    /// Labels of the run.
    pub labels: RunLabels,
    /// 32 hexadecimal digits; a new one when absent.
    pub task_id: Option<String>,
    /// Image of the world container.
    pub world_image: String,
    /// Arguments of the world container, if its image has none.
    pub world_command: Option<Vec<String>>,
    /// Variables of the world container.
    pub world_environment: Vec<(String, String)>,
    /// Private DNS name of the task's interface, which is the host name in all containers.
    pub hostname: String,
    /// Region.
    pub region: String,
    /// From images as the definition writes them to local ones; other spellings of the same image count too. A key that ends in
    /// `*` fits every image that begins so; an exact key wins, then the longest. What is not here is used as it is.
    pub images: BTreeMap<String, String>,
    /// Variables added to a container, by container name; they win over the definition's.
    pub extra_environment: BTreeMap<String, Vec<(String, String)>>,
    /// Whether each container is told its name for the actor in it: only where somebody acts, because Fargate has no such variable.
    pub name_actors: bool,
    /// The most open files that the engine gives a container, where that is less than Fargate gives.
    pub open_files: Option<i64>,
    /// Secrets and environment files.
    pub stand_ins: StandIns,
    /// Intervals and start periods of health checks are multiplied by it; 1 is the definition's pace.
    pub health_time_scale: f64,
    /// Restart attempt periods are multiplied by it; 1 is the definition's pace.
    pub restart_time_scale: f64,
}

impl PlanOptions {
    /// Options with the defaults of a task in `us-east-1`.
    #[must_use]
    pub fn new(labels: RunLabels, world_image: &str) -> Self {
        Self {
            labels,
            task_id: None,
            world_image: world_image.to_owned(),
            world_command: None,
            world_environment: Vec::new(),
            hostname: "ip-10-0-42-7.ec2.internal".to_owned(),
            region: "us-east-1".to_owned(),
            images: BTreeMap::new(),
            extra_environment: BTreeMap::new(),
            name_actors: false,
            open_files: None,
            stand_ins: StandIns::default(),
            health_time_scale: 1.0,
            restart_time_scale: 1.0,
        }
    }

    /// The local image for one of the definition.
    #[must_use]
    pub fn local_image(&self, image: &str) -> String {
        if let Some(local) = self.images.get(image) {
            return local.clone();
        }
        let wanted = canonical(image);
        if let Some((_, local)) = self.images.iter().find(|(key, _)| canonical(key) == wanted) {
            return local.clone();
        }
        let fits = |prefix: &str| image.starts_with(prefix) || wanted.starts_with(prefix);
        self.images
            .iter()
            .filter(|(key, _)| key.strip_suffix('*').is_some_and(fits))
            .max_by_key(|(key, _)| key.len())
            .map_or_else(|| image.to_owned(), |(_, local)| local.clone())
    }
}

/// A task id that no other has: 32 hexadecimal digits.
#[must_use]
pub fn new_task_id() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let seed = format!("{}/{now}/{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
    hex(&Sha256::digest(seed.as_bytes())[..16])
}

/// An id in the form of a UUID; the same seed gives the same.
pub(crate) fn uuid(seed: &str) -> String {
    let hex = hex(&Sha256::digest(seed.as_bytes())[..16]);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(nibble), 16).expect("a nibble is a hexadecimal digit"));
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_image_wins_then_the_longest_prefix() {
        let mut options = PlanOptions::new(RunLabels::new("r", "s"), "world:1");
        for (key, local) in
            [("reg.test/tw_*", "defender:1"), ("reg.test/*", "other:1"), ("reg.test/tw_a:1", "exact:1")]
        {
            options.images.insert(key.to_owned(), local.to_owned());
        }
        assert_eq!(options.local_image("reg.test/tw_a:1"), "exact:1");
        assert_eq!(options.local_image("reg.test/tw_b:1"), "defender:1");
        assert_eq!(options.local_image("reg.test/x"), "other:1");
        assert_eq!(options.local_image("nginx:1.25"), "nginx:1.25");
        options.images.insert("nginx".to_owned(), "local:1".to_owned());
        for same in ["nginx", "nginx:latest", "docker.io/library/nginx", "index.docker.io/nginx:latest"] {
            assert_eq!(options.local_image(same), "local:1", "{same}");
        }
    }

    #[test]
    fn task_ids_are_new() {
        let (one, other) = (new_task_id(), new_task_id());
        assert_ne!(one, other);
        assert!(one.len() == 32 && one.bytes().all(|b| b.is_ascii_hexdigit()));
    }
}
