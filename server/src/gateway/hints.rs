//! What a merchant's engineer should look at, by cause. The same cause has the same advice at every gateway, unless a
//! row of a table says more.

/// The advice for a cause; empty for one that needs none.
pub(super) fn of(code: &str) -> &'static str {
    match code {
        "already_paid" | "duplicate_order" | "outcome_unknown" | "unknown_code" | "unknown_error"
        | "general_error" | "upstream_timeout" | "upstream_empty" => {
            "Do nothing: the signer asks the gateway and settles the payment by its word. Never send the order again under another number."
        }
        "amount_too_small" => "Raise the amount, or leave this method out for small ones.",
        "amount_malformed" => "The signer sends whole minor units; report this with the request id.",
        "bad_credentials" => {
            "Compare the account's id and secret in the signer's configuration with the gateway's portal."
        }
        "bad_encoding" | "bad_format" | "bad_json" | "bad_method" | "bad_time" | "too_long"
        | "missing_field" | "invalid_request" => {
            "The gateway refused the shape of the request; look at the gateway's page in docs/gateways for what it asks, and report it with the request id."
        }
        "bad_signature" => {
            "Check the key with `countersign doctor sign`; a key that was changed in the portal must be changed here too."
        }
        "busy"
        | "communication_error"
        | "order_not_created"
        | "rate_error"
        | "rate_unreadable"
        | "token_not_made" => {
            "Confirm the payment again; the signer uses a new order number, since this one was refused."
        }
        "code_used" | "code_invalid" => {
            "A code works once and for a short time; ask the payer for a new one."
        }
        "insufficient_funds" | "insufficient_funds_or_limit" | "limit_exceeded" | "consent_missing" => {
            "Nothing was charged. Send the payer through `next_action`; then confirm again."
        }
        "invalid_address" | "sum_mismatch" => {
            "Check `method.receive_addresses`: addresses, whole satoshi, adding up to the amount."
        }
        "merchant_balance_too_low" => "Top the merchant's account up in the gateway's portal.",
        "login_refused" | "payer_not_authorised" => {
            "The payer said no at the gateway; offer another method or let them try again."
        }
        "no_permission" => "Ask the gateway to switch this service on for the account.",
        "no_such_data" | "no_such_order" => {
            "The gateway does not know the number yet; the signer asks again."
        }
        "no_such_endpoint" => "Check the account's base address and path settings.",
        "not_supported_upstream" => "Ask the gateway to switch this way of paying on for the account.",
        "order_closed" | "order_failed" | "order_refunded" | "order_reversed" | "payment_error"
        | "payer_error" => {
            "The order is over; create a new payment with a new order_id if the payer wants to try again."
        }
        "payer_unknown" => {
            "The identity given for the payer is not one of this application; run the gateway's login again."
        }
        "redirect_uri_not_allowed" => {
            "Register the domain of the return address (host and port, without scheme) in the gateway's portal."
        }
        "refund_number_used" => "Do nothing: the signer asks what became of the refund of this number.",
        "refund_period_over" => "Refund outside the gateway.",
        "token_invalid" => "The payer must log in again; the signer asks for it at the next confirm.",
        _ => "",
    }
}
