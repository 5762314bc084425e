//! Which images there are, and how each is made.

use super::assets::read;
use super::tree::Tree;
use super::{Assets, ImagesError};
use crate::engine::{Engine, ImageImport};
use crate::labels;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where the sidecar shares its binaries [CFT30].
const SHARED: &str = "var/lib/twistlock/fargate";

/// Where the sidecar finds the Core Rule Set, as Debian's package lays it out.
const RULES: &str = "usr/share/modsecurity-crs";

/// The volume of the image that declares one.
const KEPT: &str = "srv/kept";

/// What an image is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Owner of the task's namespaces.
    World,
    /// The Defender's sidecar.
    Defender,
    /// The actor alone, without a file beside it.
    Actor,
    /// A Debian userland with the actor, nginx and clients of every kind.
    Userland,
    /// The actor in an image whose configuration declares a volume with content, and a health check that fails.
    Declaring,
    /// nginx with ModSecurity and the Core Rule Set: the peer of the benchmark, and the app behind it. No scenario uses it.
    ModSecurity,
}

impl Role {
    /// Name in the repository, `proofhouse/<name>`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::World => "world",
            Self::Defender => "defender",
            Self::Actor => "actor",
            Self::Userland => "userland",
            Self::Declaring => "declaring",
            Self::ModSecurity => "modsecurity",
        }
    }

    fn repository(self) -> String {
        format!("proofhouse/{}", self.name())
    }
}

/// The images of an assets folder.
#[derive(Debug, Clone)]
pub struct Images {
    assets: Assets,
    defender: Option<PathBuf>,
}

/// References of the images that are on the engine now.
pub type ImageNames = BTreeMap<Role, String>;

impl Images {
    /// The images of these assets.
    #[must_use]
    pub fn new(assets: Assets) -> Self {
        Self { assets, defender: None }
    }

    /// With another static binary as the Defender.
    #[must_use]
    pub fn with_defender(mut self, binary: PathBuf) -> Self {
        self.defender = Some(binary);
        self
    }

    /// Makes sure that the engine has each of these images, and answers their references.
    ///
    /// A reference ends in a hash of the image's content, so an image that is there is the right one.
    ///
    /// # Errors
    /// When a piece is missing, or the engine refuses.
    pub async fn ensure(&self, engine: &dyn Engine, roles: &[Role]) -> Result<ImageNames, ImagesError> {
        let mut names = ImageNames::new();
        for &role in roles {
            let image = self.image(role)?;
            let reference = format!("{}:{}", image.repository, image.tag);
            if !engine.image_exists(&reference).await? {
                engine.import(&image).await?;
            }
            names.insert(role, reference);
        }
        Ok(names)
    }

    fn image(&self, role: Role) -> Result<ImageImport, ImagesError> {
        let (root, changes) = match role {
            Role::World => {
                let tree = Tree::new().file("world", 0o755, &self.assets.file("world")?);
                (tree.finish(), vec![r#"ENTRYPOINT ["/world"]"#.to_owned()])
            }
            Role::Actor => {
                let tree = Tree::new().file("actor", 0o755, &self.assets.file("actor")?);
                (tree.finish(), vec![r#"ENTRYPOINT ["/actor"]"#.to_owned()])
            }
            Role::Defender => self.sidecar()?,
            Role::Userland => self.debian("userland.tar")?,
            Role::Declaring => self.declaring()?,
            Role::ModSecurity => self.debian("modsecurity.tar")?,
        };
        let mut hash = Sha256::new();
        hash.update(&root);
        hash.update(changes.join("\n"));
        let tag = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let mut changes = changes;
        changes.push(format!("LABEL {}={}", labels::IMAGE, role.name()));
        Ok(ImageImport { repository: role.repository(), tag, root, changes })
    }

    fn debian(&self, root: &str) -> Result<(Bytes, Vec<String>), ImagesError> {
        let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        Ok((self.assets.file(root)?.into(), vec![format!("ENV {path}")]))
    }

    fn declaring(&self) -> Result<(Bytes, Vec<String>), ImagesError> {
        let owner = (1000, 100);
        let tree = Tree::new()
            .file("actor", 0o755, &self.assets.file("actor")?)
            .folder("srv")
            .folder_of(owner, KEPT, 0o711)
            .file_of(owner, &format!("{KEPT}/note"), 0o640, b"from the image\n")
            .file(&format!("{KEPT}/tool"), 0o755, b"#!/bin/sh\necho a tool of the image\n");
        let changes = vec![
            format!("VOLUME /{KEPT}"),
            r#"HEALTHCHECK --interval=1s --retries=1 CMD ["/actor", "is not well"]"#.to_owned(),
            r#"ENTRYPOINT ["/actor"]"#.to_owned(),
        ];
        Ok((tree.finish(), changes))
    }

    fn sidecar(&self) -> Result<(Bytes, Vec<String>), ImagesError> {
        let binary = match &self.defender {
            Some(path) => read(path)?,
            None => self.assets.file("defender")?,
        };
        let mut tree = Tree::new();
        let rules = format!("{RULES}/rules");
        for folder in ["usr", "usr/local", "usr/local/bin", "usr/share", RULES, &rules] {
            tree = tree.folder(folder);
        }
        tree = tree.file("usr/local/bin/defender", 0o755, &binary);
        for (name, data) in self.assets.files_in("crs/rules")? {
            tree = tree.file(&format!("{rules}/{name}"), 0o644, &data);
        }
        tree = tree.file(&format!("{RULES}/geo.mmdb"), 0o644, &self.assets.file("geo.mmdb")?);
        for folder in ["var", "var/lib", "var/lib/twistlock", SHARED] {
            tree = tree.folder(folder);
        }
        tree = tree.file(&format!("{SHARED}/defender"), 0o755, &binary);
        let changes = vec![
            format!("VOLUME /{SHARED}"),
            r#"ENTRYPOINT ["/usr/local/bin/defender","fargate","sidecar"]"#.to_owned(),
        ];
        Ok((tree.finish(), changes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assets() -> (tempfile::TempDir, Assets) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("crs/rules")).unwrap();
        for name in
            ["world", "actor", "defender", "crs/rules/a.conf", "crs/rules/b.data", "geo.mmdb", "userland.tar"]
        {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        let assets = Assets::new(folder.path());
        (folder, assets)
    }

    #[test]
    fn a_tag_depends_on_the_content_alone() {
        let (folder, assets) = assets();
        let images = Images::new(assets);
        let tags = || -> Vec<String> {
            [Role::World, Role::Defender, Role::Actor, Role::Userland]
                .iter()
                .map(|role| images.image(*role).unwrap().tag)
                .collect()
        };
        let before = tags();
        assert_eq!(before, tags());
        std::fs::write(folder.path().join("crs/rules/b.data"), "other words").unwrap();
        let after = tags();
        assert_ne!(before[1], after[1], "the sidecar carries the rules");
        assert_eq!(before[0], after[0]);
    }

    #[test]
    fn the_sidecar_has_its_binary_twice() {
        let (_folder, assets) = assets();
        let image = Images::new(assets).image(Role::Defender).unwrap();
        let mut archive = tar::Archive::new(&image.root[..]);
        let paths: Vec<String> = archive
            .entries()
            .unwrap()
            .map(|entry| entry.unwrap().path().unwrap().display().to_string())
            .collect();
        for path in [
            "usr/local/bin/defender",
            "var/lib/twistlock/fargate/defender",
            "usr/share/modsecurity-crs/rules/a.conf",
            "usr/share/modsecurity-crs/geo.mmdb",
        ] {
            assert!(paths.iter().any(|found| found == path), "{path} is not in {paths:?}");
        }
    }

    #[test]
    fn a_missing_piece_says_what_to_run() {
        let (folder, assets) = assets();
        std::fs::remove_file(folder.path().join("actor")).unwrap();
        let error = Images::new(assets).image(Role::Actor).unwrap_err();
        assert!(error.to_string().contains("make assets"), "{error}");
    }
}
