//! The data directory: the CA, the server certificate and generated signing keys.
//!
//! Each set of files is a folder that is written beside its place and moved there whole, so that
//! two servers that start for the first time at once end up with the same one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use guestpass::jose::{self, KeySet, SigningKey};
use guestpass::server::tls::Certificates;

use super::failure::CliFault;

/// The data directory.
#[derive(Debug)]
pub(super) struct DataDirectory {
    root: PathBuf,
}

/// Certificates of the directory, and whether they were made just now.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) certificates: Certificates,
    pub(super) ca: PathBuf,
    pub(super) made: Made,
}

/// Why certificates were made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    Before,
    FirstTime,
    ForNewNames,
}

const KEYS: [&str; 5] = ["work", "consumer", "google", "litware", "adatum"];

impl DataDirectory {
    /// `--data`, else `$XDG_DATA_HOME/guestpass`, else `~/.local/share/guestpass`.
    pub(super) fn resolve(given: Option<PathBuf>) -> Result<Self, CliFault> {
        let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let xdg = || variable("XDG_DATA_HOME").map(PathBuf::from);
        let home = || variable("HOME").map(|home| PathBuf::from(home).join(".local/share"));
        let root = given.or_else(|| Some(xdg().or_else(home)?.join("guestpass")));
        let root = root.ok_or_else(|| {
            let hint = "Name one with --data DIR, or serve no https: --no-tls.";
            CliFault::new("there is no place for the CA certificate: HOME is not set", hint)
        })?;
        Ok(Self { root })
    }

    /// The CA and a certificate for `names`. What is there is used if it names all of them; else
    /// there is a new CA, because the old one is good for the old names only.
    pub(super) fn certificates(&self, names: &[String]) -> Result<Kept, CliFault> {
        let folder = self.root.join("tls");
        let ca = folder.join("ca.pem");
        let read = |name: &str| fs::read_to_string(folder.join(name));
        let load = || -> io::Result<(Certificates, String)> {
            let (certificate, key) = (read("server.pem")?, read("server-key.pem")?);
            Ok((Certificates { ca: read("ca.pem")?, certificate, key }, read("names.txt")?))
        };
        let mut made = Made::FirstTime;
        if let Ok((certificates, known)) = load() {
            if names.iter().all(|name| known.lines().any(|known| known == name)) {
                return Ok(Kept { certificates, ca, made: Made::Before });
            }
            made = Made::ForNewNames;
        }
        let fresh = Certificates::generate(names)
            .map_err(|error| CliFault::new(error.to_string(), "Check the hosts in --origin."))?;
        let files = [
            ("ca.pem", fresh.ca.as_str()),
            ("server.pem", fresh.certificate.as_str()),
            ("server-key.pem", fresh.key.as_str()),
            ("names.txt", &names.join("\n")),
        ];
        self.place("tls", &files, made == Made::ForNewNames)
            .map_err(|error| CliFault::unwritable(&folder, &error))?;
        let (certificates, _) = load().map_err(|error| CliFault::unreadable(&folder, &error))?;
        Ok(Kept { certificates, ca, made })
    }

    /// The generated signing keys, made if there are none; `progress` is called before that.
    pub(super) fn keys(&self, progress: impl FnOnce()) -> Result<KeySet, CliFault> {
        let folder = self.root.join("keys");
        let file = |name: &str| folder.join(format!("{name}.pem"));
        if !KEYS.iter().all(|name| file(name).is_file()) {
            progress();
            self.make_keys(false)?;
        }
        let key = |name: &str| signing_key(&file(name)).map(Arc::new);
        Ok(KeySet {
            work: key("work")?,
            consumer: key("consumer")?,
            google: key("google")?,
            litware: key("litware")?,
            adatum: key("adatum")?,
        })
    }

    /// New signing keys in the place of those that are there. Gives the folder.
    pub(super) fn replace_keys(&self) -> Result<PathBuf, CliFault> {
        self.make_keys(true)?;
        Ok(self.root.join("keys"))
    }

    fn make_keys(&self, replace: bool) -> Result<(), CliFault> {
        let folder = self.root.join("keys");
        let mut files = Vec::new();
        for name in KEYS {
            let file = format!("{name}.pem");
            // A folder of an earlier version has fewer keys: it keeps those that it has.
            let kept = fs::read_to_string(folder.join(&file)).ok().filter(|_| !replace);
            let pem = match kept {
                Some(pem) => pem,
                None => jose::generate(&format!("guestpass signing key ({name})"))
                    .map_err(|error| CliFault::failed(error.to_string(), "Try again."))?,
            };
            files.push((file, pem));
        }
        let complete = KEYS.iter().all(|name| folder.join(format!("{name}.pem")).is_file());
        let files: Vec<_> = files.iter().map(|(n, pem)| (n.as_str(), pem.as_str())).collect();
        let placed = self.place("keys", &files, replace || !complete);
        placed.map_err(|error| CliFault::unwritable(&folder, &error))
    }

    /// Writes a folder beside its place and moves it there. Whoever comes second finds the first
    /// one's, unless it is to be replaced.
    fn place(&self, name: &str, files: &[(&str, &str)], replace: bool) -> io::Result<()> {
        fs::create_dir_all(&self.root)?;
        let target = self.root.join(name);
        let beside = |what: &str| self.root.join(format!("{name}.{what}-{}", std::process::id()));
        let (new, old) = (beside("new"), beside("old"));
        let _ = fs::remove_dir_all(&new);
        fs::create_dir(&new)?;
        private(&new, 0o700)?;
        for (file, text) in files {
            let path = new.join(file);
            fs::write(&path, text)?;
            private(&path, 0o600)?;
        }
        if replace || !target.join(files.first().map_or("", |(file, _)| file)).exists() {
            let _ = fs::rename(&target, &old);
        }
        let moved = fs::rename(&new, &target);
        let _ = fs::remove_dir_all(&old);
        if moved.is_err() {
            fs::remove_dir_all(&new)?;
            if !target.is_dir() {
                return moved;
            }
        }
        Ok(())
    }
}

/// A signing key from a file.
pub(super) fn signing_key(path: &Path) -> Result<SigningKey, CliFault> {
    let pem = fs::read_to_string(path).map_err(|error| CliFault::unreadable(path, &error))?;
    SigningKey::from_pem(&pem).map_err(|error| {
        let hint = "Make one with `guestpass keys new --out FILE`.";
        CliFault::new(format!("{}: {error}", path.display()), hint)
    })
}

#[cfg(unix)]
fn private(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
fn private(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}
