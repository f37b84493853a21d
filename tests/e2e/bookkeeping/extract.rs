//! `countersign export` over a day of many kinds, while the signer is at work.

use std::collections::BTreeSet;

use countersign_tests::{JUBAO_WECHAT_H5, World};
use serde_json::{Value, json};

use super::{ALWAYS, booked, command, csv_records, day, json_records, order_no};

async fn exported(world: &World, arguments: &[&str]) -> Vec<Value> {
    let ended = command(world, "export", &[arguments, &["--format", "jsonl"]].concat()).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{}", ended.stdout);
    json_records(&ended.stdout)
}

fn of_kind<'a>(records: &'a [Value], kind: &str, payment: &str) -> Vec<&'a Value> {
    records.iter().filter(|record| record["kind"] == kind && record["payment"] == payment).collect()
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("no number: {value}"))
}

#[tokio::test]
async fn the_extract_has_every_payment_and_every_sum_that_the_gateways_booked() {
    let world = World::start().await;
    let day = day(&world).await;
    let records = exported(&world, &ALWAYS).await;
    let created = records.iter().filter(|record| record["kind"] == "payment").count();
    assert_eq!(created, 7);
    for (gateway, account) in
        [("dotwallet", "wallet"), ("jubao", "shop"), ("blueocean", "hk"), ("hicoin", "coin")]
    {
        let moved = |kind: &str| -> i64 {
            let of_account = records.iter().filter(|r| r["account"] == account && r["kind"] == kind);
            of_account.map(|record| number(&record["movement"])).sum()
        };
        assert_eq!((moved("paid"), -moved("refund")), booked(&world, gateway).await, "{gateway}");
    }

    let paid = of_kind(&records, "paid", &day.paid.id);
    assert_eq!(paid.len(), 1, "told twice, paid once: {paid:?}");
    let book = world.gateways.order("jubao", order_no(&day.paid)).await;
    assert_eq!(paid[0]["gateway_order_no"], book["gateway_order_no"]);
    assert_eq!((&paid[0]["counts_as"], &paid[0]["movement_decimal"]), (&json!("payment"), &json!("10.00")));
    assert_eq!((&paid[0]["order_no"], &paid[0]["late"]), (&json!(order_no(&day.paid)), &json!(false)));

    let given_back = of_kind(&records, "paid", &day.given_back.id);
    let book = world.gateways.order("blueocean", order_no(&day.given_back)).await;
    assert_eq!(given_back[0]["transaction_id"], book["transaction_id"]);
    let back = of_kind(&records, "refund", &day.given_back.id);
    let sums: Vec<_> = back.iter().map(|record| number(&record["movement"])).collect();
    assert_eq!(sums, [-300, -200]);
    assert_eq!((&back[0]["refund_id"], &back[1]["refund"]), (&json!("R-1"), &Value::Null));
    assert!(back[0]["refund"].as_str().is_some_and(|id| id.starts_with("re_")), "{}", back[0]);
    assert_eq!(back[0]["amount_refunded"], 500);

    let other = of_kind(&records, "paid", &day.other_amount.id);
    assert_eq!((number(&other[0]["movement"]), &other[0]["counts_as"]), (999, &json!("review")));
    assert_eq!(of_kind(&records, "payment", &day.canceled.id)[0]["status"], "canceled");
    let open = of_kind(&records, "payment", &day.open.id)[0];
    assert_eq!((&open["status"], &open["paid_at"]), (&json!("requires_action"), &Value::Null));
    assert_eq!(open["metadata"], json!({"cart": "77"}));
    let entries: BTreeSet<_> =
        records.iter().map(|r| (r["kind"].to_string(), r["entry"].to_string())).collect();
    assert_eq!(entries.len(), records.len(), "every entry has a name of its own");
}

#[tokio::test]
async fn the_extract_says_of_a_payment_what_the_api_says() {
    let world = World::start().await;
    day(&world).await;
    for record in exported(&world, &ALWAYS).await {
        let id = record["payment"].as_str().expect("an id");
        let payment = world.api.payment(id).await;
        for name in ["account", "gateway", "livemode", "order_id", "subject", "status", "late", "metadata"] {
            assert_eq!(record[name], payment[name], "{name} of {id}");
        }
        for name in ["created_at", "updated_at", "expires_at"] {
            assert_eq!(record[name], payment[name], "{name} of {id}");
        }
        assert_eq!(record["method"], payment["method"]["type"]);
        assert_eq!(record["amount"], payment["amount"]["value"]);
        assert_eq!(record["currency"], payment["amount"]["currency"]);
        let refunded = payment["amount_refunded"]["value"].as_i64().unwrap_or(0);
        assert_eq!(record["amount_refunded"], refunded);
    }
}

#[tokio::test]
async fn csv_says_the_same_and_no_text_in_it_is_a_formula() {
    let world = World::start().await;
    for subject in ["=HYPERLINK(\"http://x.example\")", "+1", "-1", "@x", "tea, \"green\"", "乌龙茶"] {
        let mut order = world.order(&JUBAO_WECHAT_H5);
        order["subject"] = json!(subject);
        order["metadata"] = json!({"note": "two\nlines, \"quoted\""});
        world.api.create(&order).await;
    }
    let ended = command(&world, "export", &ALWAYS).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.starts_with("kind,entry,at,payment,account,"), "{}", ended.stdout);
    assert_eq!(ended.stdout.matches("\r\n").count(), 7, "a line for each record, none inside");
    let (cells, objects) = (csv_records(&ended.stdout), exported(&world, &ALWAYS).await);
    assert_eq!((cells.len(), objects.len()), (6, 6));
    for (cells, object) in cells.iter().zip(&objects) {
        let object = object.as_object().expect("an object");
        assert_eq!(cells.len(), object.len());
        for (name, value) in object {
            let cell = &cells[name];
            let expected = match value {
                Value::Null => String::new(),
                Value::String(text) if text.starts_with(['=', '+', '-', '@']) => format!("'{text}"),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(*cell, expected, "{name}");
        }
    }
    assert_eq!(cells[0]["subject"], "'=HYPERLINK(\"http://x.example\")");
    assert_eq!(cells[4]["subject"], "tea, \"green\"");
}

#[tokio::test]
async fn consecutive_intervals_have_every_entry_exactly_once_while_payments_go_on() {
    let world = World::start().await;
    let one = super::confirmed(&world, &JUBAO_WECHAT_H5).await;
    super::pay(&world, &JUBAO_WECHAT_H5, &one, &json!({})).await;
    let between = jiff::Timestamp::now().to_string();
    let (seen, written) = tokio::join!(
        async {
            let mut seen = Vec::new();
            for _ in 0..5 {
                seen.push(exported(&world, &["--from", "2020-01-01", "--to", &between]).await);
            }
            seen
        },
        async {
            for _ in 0..10 {
                let payment = super::confirmed(&world, &JUBAO_WECHAT_H5).await;
                super::pay(&world, &JUBAO_WECHAT_H5, &payment, &json!({})).await;
            }
            10
        }
    );
    let names = |records: &[Value]| -> BTreeSet<String> {
        records.iter().map(|r| format!("{} {}", r["kind"], r["entry"])).collect()
    };
    assert!(seen.iter().all(|records| names(records) == names(&seen[0])), "an interval that is over is over");
    assert_eq!(seen[0].len(), 2);
    let after = exported(&world, &["--from", &between, "--to", "2120-01-01"]).await;
    assert_eq!(after.len(), 2 * written);
    let all = exported(&world, &ALWAYS).await;
    assert_eq!(&names(&seen[0]) | &names(&after), names(&all));
    assert!(names(&seen[0]).is_disjoint(&names(&after)));
}
