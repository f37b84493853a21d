//! The built program: its ready line, its configuration, and how it ends.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use super::support::Sandbox;

/// A started program, which does not outlive its test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign-sandbox"));
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    fn first_line(&mut self) -> String {
        let mut line = String::new();
        BufReader::new(self.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

#[tokio::test]
async fn the_program_says_where_it_listens_and_ends_when_asked_even_with_a_request_hanging() {
    let mut program = Program::start(&["gateways", "--listen", "127.0.0.1:0"]);
    let line = program.first_line();
    let url = line.strip_prefix("gateways are ready on ").unwrap_or_else(|| panic!("{line}")).to_owned();
    let sandbox = Sandbox::start().await;
    let page = sandbox.get(&format!("{url}/_assets/gateways.css")).await;
    assert!(
        page.status.is_success() && page.headers["content-type"].to_str().unwrap().starts_with("text/css")
    );

    let fault = serde_json::json!({"endpoint": "query", "fault": "hang"});
    sandbox.post_json(&format!("{url}/_control/jubao/faults"), &fault).await;
    let hanging = sandbox.client.post(format!("{url}/jubao/index.php?_m=payment&_a=query")).send();
    let hanging = tokio::spawn(hanging);
    let arrived = async {
        while sandbox.get(&format!("{url}/_control/journal")).await.json() == serde_json::json!([]) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(super::support::PATIENCE, arrived).await.expect("the request arrives");

    let id = program.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let ended = tokio::task::spawn_blocking(move || program.0.wait());
    let status =
        tokio::time::timeout(super::support::PATIENCE, ended).await.expect("ends in time").unwrap().unwrap();
    assert!(status.success(), "{status}");
    assert!(hanging.await.unwrap().is_err());
}

#[test]
fn a_configuration_that_cannot_be_used_ends_the_program_with_a_line_that_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sandbox.toml");
    std::fs::write(&file, "[gateways.hicoin]\nmch_kee = \"hush\"\n").unwrap();
    let program = Command::new(env!("CARGO_BIN_EXE_countersign-sandbox"))
        .args(["gateways", "--listen", "127.0.0.1:0", "--config"])
        .arg(&file)
        .output()
        .unwrap();
    assert_eq!(program.status.code(), Some(1));
    let said = String::from_utf8(program.stderr).unwrap();
    assert!(said.contains("mch_kee") && said.contains("line 2") && !said.contains("hush"), "{said}");
}
