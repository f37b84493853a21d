//! Fields in; canonical string, string to sign and signature out.

use super::{STARS, Surgery, Vector, line, object, vectors};

/// A value on its line: control characters are shown escaped.
fn shown(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect()
}

/// Signs every vector of these schemes through the program.
async fn every_stage_comes_out(schemes: &[&str]) {
    for vector in vectors(schemes).iter().filter(|vector| !vector.verifies) {
        let surgery = Surgery::of(vector);
        let ended = surgery.ask_about("sign", vector, object(&vector.fields).as_bytes()).await;
        let expected = if vector.valid { vector.text("signature") } else { vector.text("right_signature") };
        let Some(expected) = expected else {
            assert_eq!(ended.code, Some(2), "{}: {ended:?}", vector.name);
            assert!(ended.stdout.is_empty() && !ended.stderr.is_empty(), "{}: {ended:?}", vector.name);
            continue;
        };
        assert_eq!(ended.code, Some(0), "{}: {ended:?}", vector.name);
        assert_eq!(line(&ended.stdout, "signature"), expected, "{}", vector.name);
        if vector.valid {
            stages(vector, &ended.stdout);
        } else {
            assert_ne!(
                line(&ended.stdout, "signature"),
                vector.text("signature").expect("one"),
                "{}",
                vector.name
            );
        }
    }
}

fn stages(vector: &Vector, said: &str) {
    let canonical = vector.text("canonical").expect("a canonical string");
    assert_eq!(line(said, "canonical"), shown(canonical), "{}", vector.name);
    let masked =
        vector.text("string_to_sign").expect("a string to sign").replace(&vector.key_in_text(), STARS);
    assert!(masked.contains(STARS), "{}", vector.name);
    assert_eq!(line(said, "string to sign"), shown(&masked), "{}", vector.name);
    if let Some(hex) = vector.text("string_to_sign_hex") {
        let key: String = vector.key_in_text().bytes().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(line(said, "bytes to sign"), hex.replace(&key, STARS), "{}", vector.name);
    }
}

#[tokio::test]
async fn every_dotwallet_vector_comes_out_stage_by_stage() {
    every_stage_comes_out(&["dotwallet-order"]).await;
}

#[tokio::test]
async fn every_jubao_vector_comes_out_stage_by_stage() {
    every_stage_comes_out(&["jubao"]).await;
}

#[tokio::test]
async fn every_blueocean_vector_comes_out_stage_by_stage() {
    every_stage_comes_out(&["blueocean"]).await;
}

#[tokio::test]
async fn every_hicoin_vector_comes_out_stage_by_stage() {
    every_stage_comes_out(&["hicoin", "hicoin-page"]).await;
}

#[tokio::test]
async fn numbers_are_signed_as_they_are_written() {
    let surgery = Surgery::with("blueocean", &["k1k1k1k1".to_owned()]);
    for (input, canonical) in [
        (r#"{"total_fee": 10, "appid": "1"}"#, "appid=1&total_fee=10"),
        (r#"{"total_fee": 10.0, "appid": "1"}"#, "appid=1&total_fee=10.0"),
        (r#"{"total_fee": 1e2, "appid": "1"}"#, "appid=1&total_fee=1e2"),
        (r#"{"total_fee": "10", "appid": 1}"#, "appid=1&total_fee=10"),
        (r#"{"data":{"b": 1,"a":"ü"}, "appid": "1"}"#, r#"appid=1&data={"b": 1,"a":"ü"}"#),
    ] {
        let ended = surgery.ask("sign", &[], input.as_bytes()).await;
        assert_eq!(ended.code, Some(0), "{input}: {ended:?}");
        assert_eq!(line(&ended.stdout, "canonical"), canonical, "{input}");
    }
}
