//! The four samples, and how each is started.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use countersign_tests::{Ended, Process};

/// A sample backend.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    folder: &'static str,
    command: fn(&Path) -> Command,
    /// What stands before the address in the line by which it says that it is ready.
    ready: &'static str,
}

struct Command {
    program: PathBuf,
    arguments: Vec<String>,
}

const READY: &str = "the shop is ready on ";

pub(crate) const EXPRESS: Sample = Sample {
    folder: "express",
    command: |folder| {
        require(&folder.join("node_modules/express"));
        Command { program: on_the_path("node"), arguments: vec![text(&folder.join("server.js"))] }
    },
    ready: READY,
};

pub(crate) const FASTAPI: Sample = Sample {
    folder: "fastapi",
    command: |folder| {
        let python = std::env::var_os("COUNTERSIGN_SAMPLES_PYTHON").map(PathBuf::from);
        let python =
            python.unwrap_or_else(|| panic!("COUNTERSIGN_SAMPLES_PYTHON names no python: {HOW_TO_RUN}"));
        require(&python);
        Command { program: python, arguments: vec!["-B".into(), text(&folder.join("main.py"))] }
    },
    ready: READY,
};

/// PHP's own server says where it listens on standard error.
pub(crate) const PHP: Sample = Sample {
    folder: "php",
    command: |folder| {
        let line =
            format!("exec {} -S 127.0.0.1:0 {}", text(&on_the_path("php")), text(&folder.join("index.php")));
        Command { program: "/bin/sh".into(), arguments: vec!["-c".into(), format!("{line} 2>&1")] }
    },
    ready: "Development Server (",
};

pub(crate) const AXUM: Sample = Sample {
    folder: "axum",
    command: |_| {
        let binary = std::env::var_os("COUNTERSIGN_SAMPLE_AXUM_BIN").map(PathBuf::from);
        let binary = binary.unwrap_or_else(|| {
            let target =
                std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
            target.join("debug/countersign-sample-axum")
        });
        require(&binary);
        Command { program: binary, arguments: vec![] }
    },
    ready: READY,
};

const HOW_TO_RUN: &str = "run `cargo xtask test --only samples`, which sets it up";

impl Sample {
    /// Starts it on a free port with this environment, to which only what programs need to be found is added.
    pub(crate) async fn start(&self, settings: &BTreeMap<String, String>) -> Result<Process, Ended> {
        let command = (self.command)(&root().join("samples").join(self.folder));
        let mut env = settings.clone();
        env.insert("PORT".into(), "0".into());
        let arguments: Vec<&str> = command.arguments.iter().map(String::as_str).collect();
        Process::start(&command.program, &arguments, &env, self.ready).await
    }
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests lie in the repository").to_owned()
}

/// A test that cannot run fails: there is no skipping.
fn require(path: &Path) {
    assert!(path.exists(), "{} is not there: {HOW_TO_RUN}", path.display());
}

pub(crate) fn on_the_path(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found = std::env::split_paths(&path).map(|folder| folder.join(program));
    found.find(|file| file.is_file()).unwrap_or_else(|| panic!("{program} is not installed: {HOW_TO_RUN}"))
}

fn text(path: &Path) -> String {
    path.to_str().expect("a readable name").to_owned()
}
