//! A small file system of a test's own. It needs no root where the kernel lets users make namespaces.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use countersign_tests::{Process, run};

/// A file system in memory that only programs see which are started through it. It goes when this is dropped.
pub(super) struct SmallDisk {
    holder: Process,
    at: PathBuf,
    enters_as_user: bool,
}

impl SmallDisk {
    /// Mounts one of this size over the folder `at`.
    pub(super) async fn mount(at: &Path, megabytes: u32) -> Self {
        let enters_as_user = may(&["--user", "--map-root-user", "--mount"]).await;
        assert!(
            enters_as_user || may(&["--mount"]).await,
            "no file system can be mounted here: run this as root, or where users may make namespaces \
             (kernel.unprivileged_userns_clone, user.max_user_namespaces)"
        );
        let kind: &[&str] = if enters_as_user { &["--user", "--map-root-user"] } else { &[] };
        let script = "/bin/mount -t tmpfs -o size=$1m,mode=0700 small \"$0\" && echo \"mounted on $0\" && \
                      exec /bin/sleep 3600";
        let (place, size) = (at.display().to_string(), megabytes.to_string());
        let words: Vec<&str> =
            kind.iter().copied().chain(["--mount", "/bin/sh", "-c", script, &place, &size]).collect();
        let holder =
            Process::start("/usr/bin/unshare".as_ref(), &words, &BTreeMap::new(), "mounted on ").await;
        let holder = holder.unwrap_or_else(|ended| panic!("no small file system: {ended:?}"));
        Self { holder, at: at.to_owned(), enters_as_user }
    }

    /// What starts a program that sees it.
    pub(super) fn launcher(&self) -> Vec<String> {
        let mut words = vec!["/usr/bin/nsenter".to_owned(), format!("--target={}", self.holder.id())];
        if self.enters_as_user {
            words.extend(["--preserve-credentials".to_owned(), "--user".to_owned()]);
        }
        words.push("--mount".to_owned());
        words
    }

    /// Where it can be seen from outside.
    pub(super) fn outside(&self) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(self.at.strip_prefix("/").expect("a whole path"))
    }

    /// Takes all the room that is left.
    pub(super) fn fill(&self) {
        use std::io::Write as _;
        let mut filler = std::fs::File::create(self.outside().join("filler")).expect("room for a name");
        while filler.write_all(&[0; 512]).is_ok() {}
    }

    /// Gives that room back.
    pub(super) fn free(&self) {
        std::fs::remove_file(self.outside().join("filler")).expect("it was filled");
    }

    /// Makes it read-only; nobody may be writing there.
    pub(super) async fn make_read_only(&self) {
        let launcher = self.launcher();
        let place = self.at.display().to_string();
        let words: Vec<&str> = launcher[1..]
            .iter()
            .map(String::as_str)
            .chain(["/bin/mount", "-o", "remount,ro", &place])
            .collect();
        let ended = run(launcher[0].as_ref(), &words, &BTreeMap::new()).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
}

async fn may(kind: &[&str]) -> bool {
    let words: Vec<&str> = kind.iter().copied().chain(["/bin/true"]).collect();
    run("/usr/bin/unshare".as_ref(), &words, &BTreeMap::new()).await.code == Some(0)
}
