//! What a process asks of the system, recorded by strace, and strace's way to let a call fail.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use countersign_tests::{eventually, run};

const STRACE: &str = "/usr/bin/strace";

/// Whether processes can be traced here. Where they cannot, that is said aloud, and the test checks what it can without.
pub(super) async fn is_permitted() -> bool {
    assert!(
        Path::new(STRACE).is_file(),
        "{STRACE} is not there: `cargo xtask setup` installs it, or Debian's package strace"
    );
    let permitted = run(STRACE.as_ref(), &["-qq", "-o", "/dev/null", "/bin/true"], &BTreeMap::new()).await;
    if permitted.code == Some(0) {
        return true;
    }
    eprintln!("\nNOT CHECKED: processes may not be traced here (ptrace): {}\n", permitted.stderr);
    false
}

/// What starts a program some of whose calls fail: `which` says which of each thread's.
pub(super) fn failing(calls: &str, error: &str, which: &str, dir: &Path) -> Vec<String> {
    let mut words = command(calls, &dir.join("failing.trace"));
    words.extend(["-e".to_owned(), format!("inject={calls}:error={error}:when={which}")]);
    words
}

/// What starts a program whose calls are recorded in a file.
pub(super) fn recording(calls: &str, file: &Path) -> Vec<String> {
    command(calls, file)
}

/// As a bystander: the program is a child of whoever starts it, and gets its signals.
fn command(calls: &str, file: &Path) -> Vec<String> {
    let trace = format!("trace={calls}");
    let file = file.display().to_string();
    ["-D", "-f", "-y", "-s", "6000", "-o", &file, "-e", &trace].iter().fold(
        vec![STRACE.to_owned()],
        |mut words, word| {
            words.push((*word).to_owned());
            words
        },
    )
}

/// One call: when it began and ended, counted in lines of the record.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) name: String,
    /// The arguments, and the result behind them.
    pub(super) text: String,
    pub(super) began: usize,
    pub(super) ended: usize,
}

impl Call {
    /// Whether it waits until a file whose path ends so is on the disk.
    pub(super) fn is_sync_of(&self, path: &str) -> bool {
        matches!(self.name.as_str(), "fsync" | "fdatasync") && self.text.contains(path)
    }

    /// Whether it writes to a file whose path ends so.
    pub(super) fn is_write_to(&self, path: &str) -> bool {
        self.name == "pwrite64" && self.text.split(',').next().is_some_and(|file| file.contains(path))
    }

    /// Whether it did what it was asked.
    pub(super) fn worked(&self) -> bool {
        self.text.rsplit_once(" = ").is_some_and(|(_, result)| !result.starts_with(['-', '?']))
    }
}

/// Reads a record to its end, which strace writes after the program's own: calls in the order in which they began.
pub(super) async fn read(file: &Path) -> Vec<Call> {
    let text = eventually("the record ends", async || {
        let text = String::from_utf8_lossy(&std::fs::read(file).ok()?).into_owned();
        text.lines().last().is_some_and(|line| line.contains("+++ ")).then_some(text)
    })
    .await;
    calls(&text)
}

fn calls(text: &str) -> Vec<Call> {
    let (mut calls, mut begun): (Vec<Call>, HashMap<&str, Call>) = (Vec::new(), HashMap::new());
    for (at, line) in text.lines().enumerate() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        if let Some(resumed) = rest.strip_prefix("<... ") {
            let (_, end) = resumed.split_once(" resumed>").expect("a name before it");
            let mut call = begun.remove(thread).expect("it was begun before");
            call.text.push_str(end);
            call.ended = at;
            calls.push(call);
        } else if let Some((name, arguments)) =
            rest.split_once('(').filter(|_| !rest.starts_with("+++") && !rest.starts_with("---"))
        {
            let call = Call { name: name.to_owned(), text: arguments.to_owned(), began: at, ended: at };
            match arguments.strip_suffix(" <unfinished ...>").or(arguments.strip_suffix("<unfinished ...>")) {
                Some(arguments) => {
                    begun.insert(thread, Call { text: arguments.to_owned(), ended: usize::MAX, ..call });
                }
                None => calls.push(call),
            }
        }
    }
    // A call that never came back began all the same.
    calls.extend(begun.into_values());
    calls.sort_by_key(|call| call.began);
    calls
}

#[test]
fn calls_that_overlap_are_put_together() {
    let text = "7 pwrite64(9</l/ledger.db-wal>, \"a(b\", 24, 0) = 24\n\
                7 fdatasync(9</l/ledger.db-wal> <unfinished ...>\n\
                8 write(3<TCP:[1]>, \"HTTP/1.1 200 OK\", 15) = 15\n\
                7 <... fdatasync resumed>)          = -1 EIO (Input/output error) (INJECTED)\n\
                8 +++ exited with 70 +++\n";
    let calls = calls(text);
    let names: Vec<_> = calls.iter().map(|call| (call.name.as_str(), call.began, call.ended)).collect();
    assert_eq!(names, [("pwrite64", 0, 0), ("fdatasync", 1, 3), ("write", 2, 2)]);
    assert!(calls[0].is_write_to("/ledger.db-wal>") && calls[0].worked());
    assert!(calls[1].is_sync_of("/ledger.db-wal>"));
    assert!(!calls[1].worked(), "{}", calls[1].text);
}
