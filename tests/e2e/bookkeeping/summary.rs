//! `countersign summary`: the figures of a day against the books of the gateways.

use countersign_tests::World;
use serde_json::{Value, json};

use super::{ALWAYS, booked, command, csv_records, day, json_records, order_no};

async fn rows(world: &World, arguments: &[&str]) -> Vec<Value> {
    let ended = command(world, "summary", &[arguments, &["--format", "jsonl"]].concat()).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
    json_records(&ended.stdout)
}

/// A figure of an account, all days together: a test may run over midnight.
fn figure(rows: &[Value], account: &str, name: &str) -> i64 {
    let of_account = rows.iter().filter(|row| row["account"] == account);
    of_account.map(|row| row[name].as_i64().unwrap_or_else(|| panic!("no {name} in {row}"))).sum()
}

#[tokio::test]
async fn the_figures_are_those_of_the_gateways_books() {
    let world = World::start().await;
    day(&world).await;
    for by in ["recorded", "paid"] {
        let rows = rows(&world, &[&ALWAYS[..], &["--by", by]].concat()).await;
        for (gateway, account) in
            [("dotwallet", "wallet"), ("jubao", "shop"), ("blueocean", "hk"), ("hicoin", "coin")]
        {
            let (came, went) = booked(&world, gateway).await;
            let figure = |name: &str| figure(&rows, account, name);
            assert_eq!((figure("received_sum"), figure("refunded_sum")), (came, went), "{gateway} by {by}");
            assert_eq!(figure("net_sum"), came - went);
            assert_eq!(figure("succeeded_sum") + figure("disputed_sum") + figure("extra_sum"), came);
            assert_eq!((figure("expected_sum"), figure("differences")), (figure("succeeded_sum"), 0));
        }
        let shop = |name: &str| figure(&rows, "shop", name);
        assert_eq!((shop("created_count"), shop("created_sum")), (4, 4000));
        assert_eq!((shop("open_count"), shop("review_count"), shop("ended_count")), (1, 1, 1));
        assert_eq!((shop("succeeded_count"), shop("disputed_count"), shop("disputed_sum")), (1, 1, 999));
        assert!(rows.iter().all(|row| row["check"] == "equal"), "{rows:?}");
    }
}

#[tokio::test]
async fn all_forms_say_the_same_and_the_one_for_people_names_what_to_look_at() {
    let world = World::start().await;
    let day = day(&world).await;
    let objects = rows(&world, &ALWAYS).await;
    let cells = command(&world, "summary", &[&ALWAYS[..], &["--format", "csv"]].concat()).await;
    let cells = csv_records(&cells.stdout);
    assert_eq!(cells.len(), objects.len());
    for (cells, object) in cells.iter().zip(&objects) {
        for (name, value) in object.as_object().expect("an object") {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            assert_eq!(cells[name], text, "{name}");
        }
    }
    let ended = command(&world, "summary", &ALWAYS).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let text = ended.stdout;
    assert!(text.contains("check: equal"), "{text}");
    let review = format!("{}  shop  {}: 10.00 CNY asked, ", day.other_amount.id, order_no(&day.other_amount));
    assert!(text.contains(&review) && text.contains("9.99 CNY ("), "{text}");
    let only = rows(&world, &[&ALWAYS[..], &["--account", "hk"]].concat()).await;
    assert!(only.iter().all(|row| row["account"] == "hk"), "{only:?}");
    let hk: Vec<&Value> = objects.iter().filter(|row| row["account"] == "hk").collect();
    assert_eq!(json!(only), json!(hk));
}

#[tokio::test]
async fn without_a_time_it_is_about_yesterday_and_a_day_is_counted_where_it_was_asked_for() {
    let world = World::start().await;
    day(&world).await;
    assert!(rows(&world, &[]).await.is_empty(), "nothing happened yesterday");
    let now = jiff::Timestamp::now();
    let today = |hours: i8| jiff::tz::Offset::constant(hours).to_datetime(now).date().to_string();
    // Midnight is not near both in UTC and twelve hours from it.
    let (offset, hours) = if (2..22).contains(&now.to_string()[11..13].parse::<u8>().expect("an hour")) {
        ("Z", 0)
    } else {
        ("+12:00", 12)
    };
    let day = today(hours);
    let rows = rows(&world, &["--day", &day, "--utc-offset", offset]).await;
    assert_eq!(figure(&rows, "shop", "created_count"), 4);
    assert!(rows.iter().all(|row| row["day"] == day.as_str()), "{rows:?}");
}
