//! Captured notifications in; whether they verify, and how.

use countersign_tests::Ended;

use super::{Surgery, Vector, line, object, vectors};

/// The fields with the signature that came with them.
fn received(vector: &Vector) -> Vec<(String, String)> {
    let mut fields = vector.fields.clone();
    fields.extend(vector.text("sign").map(|sign| ("sign".to_owned(), sign.to_owned())));
    fields
}

/// The same message in every form in which it may have been captured.
fn captures(vector: &Vector) -> [String; 4] {
    let fields = received(vector);
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
    [
        object(&fields),
        format!("?{form}\n"),
        format!("https://pay.shop.example/v1/notifications/here?{form}"),
        form,
    ]
}

fn judged(vector: &Vector, ended: &Ended, capture: &str) {
    let name = &vector.name;
    if vector.repeats_a_name() {
        assert_eq!(ended.code, Some(2), "{name}: {ended:?}");
        assert!(ended.stdout.is_empty() && ended.stderr.contains("repeated"), "{name}: {ended:?}");
        return;
    }
    assert_eq!(ended.code, Some(if vector.valid { 0 } else { 1 }), "{name}: {capture}: {ended:?}");
    assert_eq!(line(&ended.stdout, "verified"), if vector.valid { "yes" } else { "no" }, "{name}");
    if vector.valid {
        line(&ended.stdout, "profile");
        line(&ended.stdout, "reading");
        line(&ended.stdout, "key");
    } else {
        assert!(!line(&ended.stdout, "reason").is_empty(), "{name}: {ended:?}");
    }
}

/// Judges every vector of these schemes through the program.
async fn every_verdict_is_right(schemes: &[&str]) {
    for vector in vectors(schemes).iter().filter(|vector| vector.verifies) {
        let surgery = Surgery::of(vector);
        let captures = captures(vector);
        // JSON and a form always, the other two in turn.
        let third = usize::from(vector.name.len() % 2 == 0) + 1;
        for capture in [&captures[0], &captures[3], &captures[third]] {
            let ended = surgery.ask_about("verify", vector, capture.as_bytes()).await;
            judged(vector, &ended, capture);
        }
    }
}

#[tokio::test]
async fn every_dotwallet_vector_is_judged_rightly() {
    every_verdict_is_right(&["dotwallet-order"]).await;
}

#[tokio::test]
async fn every_jubao_vector_is_judged_rightly() {
    every_verdict_is_right(&["jubao"]).await;
}

#[tokio::test]
async fn every_blueocean_vector_is_judged_rightly() {
    every_verdict_is_right(&["blueocean"]).await;
}

#[tokio::test]
async fn every_hicoin_vector_is_judged_rightly() {
    every_verdict_is_right(&["hicoin", "hicoin-page"]).await;
}

#[tokio::test]
async fn every_mistaken_signature_of_the_vectors_is_refused() {
    for vector in vectors(&["dotwallet-order", "jubao", "blueocean", "hicoin"]) {
        // What a known misreading gives, sent as a notification.
        if vector.verifies || vector.valid || vector.repeats_a_name() {
            continue;
        }
        let mut fields: Vec<_> = vector.fields.iter().filter(|(name, _)| name != "sign").cloned().collect();
        let sign = vector.text("signature").expect("the mistaken signature");
        fields.push(("sign".to_owned(), sign.to_owned()));
        let ended = Surgery::of(&vector).ask_about("verify", &vector, object(&fields).as_bytes()).await;
        // An empty value that is dropped is a reading that notifications of BlueOcean may have.
        let accepted = vector.scheme == "blueocean" && vector.name.contains("empty_value_dropped");
        if accepted || vector.scheme == "jubao" && ended.code == Some(0) {
            assert_ne!(line(&ended.stdout, "reading"), "", "{}", vector.name);
            continue;
        }
        assert_eq!(ended.code, Some(1), "{}: {ended:?}", vector.name);
    }
}
