//! What is asked wrongly is told in one line, and costs nothing.

use countersign_tests::{JUBAO_WECHAT_H5, World};

use super::{ALWAYS, command, csv_records};

#[tokio::test]
async fn a_wrong_question_is_refused_with_its_reason() {
    let world = World::start().await;
    world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    for (arguments, reason) in [
        (vec!["--from", "soon", "--to", "2026-01-01"], "--from soon: must be a date"),
        (vec!["--from", "2026-01-01T00:00:00", "--to", "2026-01-02"], "must be a date"),
        (vec!["--from", "2026-01-02", "--to", "2026-01-02"], "must be before"),
        (vec!["--from", "2026-01-03", "--to", "2026-01-02"], "must be before"),
        ([&ALWAYS[..], &["--account", "nobody"]].concat(), "no account nobody is configured"),
    ] {
        for name in ["export", "summary"] {
            let ended = command(&world, name, &arguments).await;
            assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{name} {arguments:?}");
            assert!(ended.stderr.contains(reason), "{name}: {}", ended.stderr);
            assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        }
    }
    let odd = command(&world, "export", &[&ALWAYS[..], &["--utc-offset", "8"]].concat()).await;
    assert_eq!(odd.code, Some(2));
    assert!(odd.stderr.contains("no offset such as +08:00"), "{}", odd.stderr);
}

#[tokio::test]
async fn where_nothing_is_the_answer_is_empty_and_whole() {
    let world = World::start().await;
    world.api.create(&world.order(&JUBAO_WECHAT_H5)).await;
    let ended = command(&world, "export", &["--from", "2020-01-01", "--to", "2020-01-02"]).await;
    assert_eq!((ended.code, csv_records(&ended.stdout).len()), (Some(0), 0));
    assert!(ended.stdout.starts_with("kind,entry,at,") && ended.stdout.ends_with("metadata\r\n"));
    let other = command(&world, "export", &[&ALWAYS[..], &["--account", "hk"]].concat()).await;
    assert_eq!((other.code, csv_records(&other.stdout).len()), (Some(0), 0));
    let ended = command(&world, "summary", &["--day", "2020-01-01"]).await;
    assert_eq!(ended.code, Some(0));
    assert!(ended.stdout.contains("Nothing was created, paid or refunded."), "{}", ended.stdout);
}

#[tokio::test]
async fn a_ledger_that_is_not_there_is_told_and_none_is_made() {
    let world = World::start().await;
    let mut settings = world.settings.clone();
    let nowhere = world.dir().join("nowhere.db");
    settings.set("store.url", format!("sqlite:{}", nowhere.display()));
    std::fs::write(world.dir().join("countersign.toml"), settings.text()).expect("the folder can be written");
    for name in ["export", "summary"] {
        let ended = command(&world, name, &ALWAYS).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
        assert!(ended.stderr.contains("there is no ledger"), "{}", ended.stderr);
        assert!(!nowhere.exists());
    }
}
