//! Under which account a cluster runs: PostgreSQL refuses to run as root.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Accounts to run under in root's place: the one that Debian's package makes, else the one that owns nothing.
const ACCOUNTS: &[&str] = &["postgres", "nobody"];

/// Who the server runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Account {
    /// As who runs us.
    Ours,
    /// As another, since we are root.
    Other { uid: u32, gid: u32 },
}

impl Account {
    /// # Errors
    /// When we are root and there is nobody else.
    pub(super) fn choose() -> Result<Self> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Ours);
        }
        let passwd = fs::read_to_string("/etc/passwd").context("cannot read /etc/passwd")?;
        let Some((uid, gid)) = ACCOUNTS.iter().find_map(|name| ids(&passwd, name)) else {
            bail!("PostgreSQL does not run as root, and there is no account {}", ACCOUNTS.join(" or "));
        };
        Ok(Self::Other { uid, gid })
    }

    /// Makes a folder the account's own.
    pub(super) fn give(self, folder: &Path) -> Result<()> {
        match self {
            Self::Ours => Ok(()),
            Self::Other { uid, gid } => chown(folder, Some(uid), Some(gid))
                .with_context(|| format!("cannot give {} to account {uid}", folder.display())),
        }
    }

    /// Lets a program run under it, without root's further groups.
    pub(super) fn run(self, command: &mut Command) {
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
    }
}

/// User and group of an account in the text of `/etc/passwd`.
fn ids(passwd: &str, name: &str) -> Option<(u32, u32)> {
    let mut fields = passwd.lines().map(|line| line.split(':')).find_map(|mut fields| {
        let found = fields.next() == Some(name);
        found.then_some(fields)
    })?;
    let (_password, uid, gid) = (fields.next()?, fields.next()?, fields.next()?);
    Some((uid.parse().ok()?, gid.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let passwd = "root:x:0:0:root:/root:/bin/bash\n\
            postgres-old:x:7:7::/:\n\
            postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(ids(passwd, "postgres"), Some((101, 104)));
        assert_eq!(ids(passwd, "nobody"), None);
    }
}
