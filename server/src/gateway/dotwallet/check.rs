//! What DotWallet asks of a payment, as findings in the merchant's words.

use countersign_core::{FieldError, MethodType};

use super::config::OpReturn;
use crate::gateway::order::Draft;
use crate::gateway::rules;

/// The smallest order, in satoshi. Source: DotWallet open platform, order payment; for automatic payments there is a
/// minimum too (10043), but its figure is not published.
const ORDER_AMOUNT_MIN: i64 = 546;

/// The longest data that a single length byte can announce in a script.
const SHORT_DATA_BYTES_MAX: usize = 75;

/// Every rule that `draft` breaks.
pub(super) fn check(op_return: OpReturn, draft: &Draft<'_>) -> Vec<FieldError> {
    let mut found = Vec::new();
    rules::order_number(&mut found, draft.order_id, 64, "-_.", "DotWallet");
    rules::required(
        &mut found,
        "subject",
        Some(draft.subject.trim()),
        "DotWallet shows the payer what they pay for",
    );
    check_amount(&mut found, draft);
    if op_return == OpReturn::Script {
        check_script(&mut found, draft.method.op_return.as_deref());
    }
    check_receivers(&mut found, draft);
    found
}

fn check_amount(found: &mut Vec<FieldError>, draft: &Draft<'_>) {
    let is_order = draft.method.kind == MethodType::DotwalletOrder;
    if is_order && draft.amount.is_some_and(|amount| amount.value() < ORDER_AMOUNT_MIN) {
        let detail = format!("at least {ORDER_AMOUNT_MIN} satoshi for an order at DotWallet");
        found.push(FieldError::new("amount.value", "out_of_range", detail));
    }
}

/// `opreturn` as a data script. The documents explain it in four ways; the other three are told apart, so that the
/// message can say what to send instead.
fn check_script(found: &mut Vec<FieldError>, op_return: Option<&str>) {
    let Some(given) = op_return else { return };
    let lower = given.to_ascii_lowercase();
    let is_hex = !given.is_empty() && given.len() % 2 == 0 && given.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_hex {
        let detail = if lower.contains("op_") || given.contains('|') {
            "write `OP_FALSE|OP_RETURN|data` as the hex of the script: `006a`, then the length and bytes of each piece of data"
        } else {
            "hex of a data script: `006a`, then the length and bytes of each piece of data; two digits a byte, without `0x` or spaces"
        };
        found.push(FieldError::new("method.op_return", "invalid_hex", detail));
    } else if !lower.starts_with("006a") {
        let detail = if lower.starts_with("6a") {
            format!("OP_FALSE is missing before OP_RETURN: `00{lower}`", lower = shortened(&lower))
        } else if ["01000000", "02000000"].iter().any(|version| lower.starts_with(version)) {
            "this is a whole transaction; send the script of its data output, which begins `006a`".to_owned()
        } else if given.len() / 2 <= SHORT_DATA_BYTES_MAX {
            format!("this is the data alone; as a script it is `006a{:02x}{lower}`", given.len() / 2)
        } else {
            "a data script begins `006a`; put that and the length before the data".to_owned()
        };
        let setting = "or set the account's `op_return = \"as_given\"` to send any text unchanged";
        found.push(FieldError::new("method.op_return", "invalid_script", format!("{detail}; {setting}")));
    }
}

fn shortened(hex: &str) -> String {
    const SHOWN: usize = 2 * SHORT_DATA_BYTES_MAX;
    if hex.len() <= SHOWN { hex.to_owned() } else { format!("{}…", &hex[..SHOWN]) }
}

/// The receivers share the whole amount, each at least a satoshi.
fn check_receivers(found: &mut Vec<FieldError>, draft: &Draft<'_>) {
    let Some(receivers) = &draft.method.receive_addresses else { return };
    let field = "method.receive_addresses";
    if receivers.is_empty() {
        let detail =
            "at least one address, or leave the field out: then the application's own wallet receives";
        found.push(FieldError::new(field, "required", detail));
        return;
    }
    for (i, receiver) in receivers.iter().enumerate() {
        let shape = (25..=62).contains(&receiver.address.len())
            && receiver.address.bytes().all(|b| b.is_ascii_alphanumeric());
        if !shape {
            let detail = "25 to 62 letters and digits";
            found.push(FieldError::new(format!("{field}[{i}].address"), "invalid_address", detail));
        }
        if receiver.amount < 1 {
            let detail = "at least 1 satoshi";
            found.push(FieldError::new(format!("{field}[{i}].amount"), "out_of_range", detail));
        }
    }
    let Some(amount) = draft.amount else { return };
    let sum = receivers.iter().try_fold(0_i64, |sum, r| sum.checked_add(r.amount));
    if sum != Some(amount.value()) {
        let detail = format!("the amounts must add up to amount.value, {}", amount.value());
        found.push(FieldError::new(field, "sum_mismatch", detail));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_core::{Currency, Method, Money, Receiver};

    fn errors(kind: MethodType, amount: i64, change: impl FnOnce(&mut Method)) -> Vec<FieldError> {
        let mut method = Method::bare(kind);
        change(&mut method);
        let amount = Money::new(amount, Currency::parse("BSV").unwrap()).unwrap();
        let draft = Draft {
            order_id: "d20240101-0001",
            amount: Some(&amount),
            subject: "Tea",
            description: None,
            method: &method,
            return_url: None,
        };
        check(OpReturn::Script, &draft)
    }

    fn found(change: impl FnOnce(&mut Method)) -> Vec<String> {
        let errors = errors(MethodType::DotwalletAutopay, 700, change);
        errors.into_iter().map(|e| format!("{} {}", e.field, e.code)).collect()
    }

    #[test]
    fn checks_every_field_rule_at_once() {
        assert!(found(|_| {}).is_empty());
        let broken = found(|m| {
            m.op_return = Some("0x6a".into());
            m.receive_addresses = Some(vec![Receiver { address: "1Bitcoin".into(), amount: 0 }]);
        });
        assert_eq!(
            broken,
            [
                "method.op_return invalid_hex",
                "method.receive_addresses[0].address invalid_address",
                "method.receive_addresses[0].amount out_of_range",
                "method.receive_addresses sum_mismatch",
            ]
        );
        let method = Method::bare(MethodType::DotwalletOrder);
        let draft = Draft {
            order_id: "a/b",
            amount: None,
            subject: "  ",
            description: None,
            method: &method,
            return_url: None,
        };
        let fields: Vec<String> =
            check(OpReturn::Script, &draft).into_iter().map(|e| e.field.to_string()).collect();
        assert_eq!(fields, ["order_id", "subject"]);
    }

    #[test]
    fn the_parts_of_a_split_payment_add_up() {
        let split = |amounts: &[i64]| {
            found(|m| {
                let address = "1BitcoinEaterAddressDontSendf59kuE".to_owned();
                let part = |amount: &i64| Receiver { address: address.clone(), amount: *amount };
                m.receive_addresses = Some(amounts.iter().map(part).collect());
            })
        };
        assert!(split(&[700]).is_empty() && split(&[300, 400]).is_empty());
        for wrong in [&[699][..], &[300, 401], &[i64::MAX, 1]] {
            assert_eq!(split(wrong), ["method.receive_addresses sum_mismatch"], "{wrong:?}");
        }
        assert_eq!(split(&[]), ["method.receive_addresses required"]);
    }

    #[test]
    fn an_order_is_at_least_546_satoshi_and_an_automatic_payment_any_amount() {
        let fields = |kind, amount| errors(kind, amount, |_| {}).len();
        assert_eq!(fields(MethodType::DotwalletOrder, 545), 1);
        assert_eq!(fields(MethodType::DotwalletOrder, 546), 0);
        assert_eq!(fields(MethodType::DotwalletAutopay, 1), 0);
    }

    #[test]
    fn says_of_each_documented_form_of_op_return_what_to_send_instead() {
        let told = |given: &str| {
            let found = errors(MethodType::DotwalletOrder, 546, |m| m.op_return = Some(given.to_owned()));
            found.into_iter().map(|e| format!("{} {}", e.code, e.detail)).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(told("006a0568656c6c6f"), "");
        assert_eq!(told("006A0568656C6C6F"), "");
        for (given, expected) in [
            ("OP_FALSE|OP_RETURN|hello", "invalid_hex write `OP_FALSE|OP_RETURN|data` as the hex"),
            ("hello", "invalid_hex hex of a data script: `006a`"),
            ("006", "invalid_hex"),
            ("6a0568656c6c6f", "invalid_script OP_FALSE is missing before OP_RETURN: `006a0568656c6c6f`"),
            ("68656c6c6f", "invalid_script this is the data alone; as a script it is `006a0568656c6c6f`"),
            ("0100000001abcd", "invalid_script this is a whole transaction"),
        ] {
            assert!(told(given).starts_with(expected), "{given}: {}", told(given));
        }
        assert!(told(&"ab".repeat(76)).starts_with("invalid_script a data script begins `006a`"));
        assert!(told(&format!("6a{}", "ab".repeat(9000))).len() < 400);
    }
}
