//! `countersign doctor` as a person runs it: files and standard input in, labelled lines and an exit code out.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

const KEY: &str = "0123456789abcdef0123456789abcdef";
const FIELDS: &str = r#"{"mch_id": "10000000000001", "order_sn": "20240101000000000001", "version": 2}"#;
const SIGNATURE: &str = "88C8417BD1D76426047B0913FBCD3122";

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let accounts = "[accounts.shop]\ngateway = \"jubao\"\nmch_id = \"10000000000001\"\n\
                        keys = [\"a-newer-key\", \"env:JUBAO_KEY\"]\nbase_url = \"https://api.example\"\n\
                        [accounts.old]\ngateway = \"jubao\"\nmch_id = \"10000000000001\"\n\
                        keys = [\"env:JUBAO_KEY\"]\nbase_url = \"https://api.example\"\n\
                        [accounts.coin]\ngateway = \"hicoin\"\napp_id = \"a1\"\napp_secret = \"the-app-secret\"\n\
                        mch_keys = [\"the-mch-key\"]\n";
        std::fs::write(folder.path().join("countersign.toml"), accounts).expect("the folder is ours");
        Self(folder)
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).expect("the folder is ours");
        path
    }

    /// Runs the doctor, with `input` on its standard input. No output may hold a key.
    fn ask(&self, args: &[&str], input: &str) -> (i32, String, String) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .arg("doctor")
            .args(args)
            .current_dir(self.0.path())
            .env("JUBAO_KEY", KEY)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary was built for this test");
        // One that does not read its input closes it.
        let _ = child.stdin.take().expect("it is piped").write_all(input.as_bytes());
        let Output { status, stdout, stderr } = child.wait_with_output().expect("it ends");
        let text = |bytes| String::from_utf8(bytes).expect("the doctor writes UTF-8");
        let (out, err) = (text(stdout), text(stderr));
        for key in [KEY, "a-newer-key", "the-app-secret", "the-mch-key"] {
            assert!(!out.contains(key) && !err.contains(key), "{out}{err}");
        }
        (status.code().expect("it exits"), out, err)
    }
}

#[test]
fn sign_prints_the_same_labelled_lines_from_a_file_and_from_standard_input() {
    let desk = Desk::new();
    let file = desk.file("fields.json", FIELDS);
    let file = file.to_str().expect("a path of letters");
    let expected = format!(
        "profile: jubao\nkey: keys[0]\n\
         charset: plain: version is 2, so the UTF-8 bytes are hashed as they are\n\
         canonical: mch_id10000000000001order_sn20240101000000000001version2\n\
         string to sign: ********mch_id10000000000001order_sn20240101000000000001version2********\n\
         signature: {SIGNATURE}\n"
    );
    for (args, input) in [
        (vec!["sign", "--account", "old", file], ""),
        (vec!["sign", "--account", "old", "-"], FIELDS),
        (vec!["sign", "--account", "old", "--config", "countersign.toml"], FIELDS),
    ] {
        assert_eq!(desk.ask(&args, input), (0, expected.clone(), String::new()), "{args:?}");
    }
}

#[test]
fn verify_exits_0_verified_1_not_and_2_unusable() {
    let desk = Desk::new();
    let query = format!("?mch_id=10000000000001&order_sn=20240101000000000001&version=2&sign={SIGNATURE}");
    let (code, out, _) = desk.ask(&["verify", "--account", "shop"], &query);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("profile: jubao\nverified: yes\nreading: plain\nkey: keys[1]\n"), "{out}");

    let changed = query.replace("order_sn=2", "order_sn=3");
    let (code, out, _) = desk.ask(&["verify", "--account", "shop"], &changed);
    assert!(code == 1 && out.contains("verified: no\n") && out.contains("would match: none"), "{out}");

    for unusable in ["", "not a message", "a=1&a=2", "[]"] {
        let (code, out, err) = desk.ask(&["verify", "--account", "shop"], unusable);
        assert!(code == 2 && out.is_empty() && err.starts_with("countersign: "), "{unusable}: {err}");
    }
}

#[test]
fn what_cannot_be_used_is_said_in_one_line_with_exit_2() {
    let desk = Desk::new();
    let cases: [(&[&str], &str, &str); 6] = [
        (&["sign", "--account", "nobody"], FIELDS, "no account `nobody`"),
        (&["sign", "--account", "shop", "missing.json"], "", "missing.json"),
        (&["sign", "--account", "shop", "--config", "none.toml"], FIELDS, "none.toml"),
        (&["sign", "--account", "shop", "--with", "app_secret"], FIELDS, "--with"),
        (&["sign", "--account", "shop"], r#"{"a": 1, "a": 2}"#, "repeated"),
        (&["sign", "--account", "shop"], r#"{"_sign": "1"}"#, "_sign"),
    ];
    for (args, input, words) in cases {
        let (code, out, err) = desk.ask(args, input);
        assert!(code == 2 && out.is_empty() && err.contains(words), "{args:?}: {code} {out} {err}");
        assert_eq!(err.lines().count(), 1, "{err}");
    }
}

#[test]
fn hicoin_signs_with_the_secret_that_is_asked_for() {
    let desk = Desk::new();
    let fields = r#"{"app_id": "a1", "lang": "", "biz_content": "{\r\n}"}"#;
    let (_, by_default, _) = desk.ask(&["sign", "--account", "coin"], fields);
    let (_, by_mch_key, _) = desk.ask(&["sign", "--account", "coin", "--with", "mch_key"], fields);
    let (_, by_app_secret, _) = desk.ask(&["sign", "--account", "coin", "--with", "app_secret"], fields);
    assert_eq!(by_default, by_mch_key);
    assert!(
        by_mch_key.contains("key: mch_keys[0]\ncanonical: app_id=a1&biz_content={\\r\\n}\n"),
        "{by_mch_key}"
    );
    assert!(by_app_secret.contains("key: app_secret\n"), "{by_app_secret}");
    assert_ne!(by_mch_key.lines().last(), by_app_secret.lines().last());
}
