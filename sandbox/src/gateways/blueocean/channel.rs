//! The ways to pay, by the names that requests use.

/// One value of `payment`.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) payment: &'static str,
    pub(super) provider: &'static str,
    pub(super) trade_type: &'static str,
    /// `trade_state` of a new order.
    pub(super) first_state: &'static str,
    /// The member of the answer that holds the address of the payer's page.
    pub(super) address_in: &'static str,
}

const fn qr_code(payment: &'static str, provider: &'static str) -> Channel {
    Channel { payment, provider, trade_type: "NATIVE", first_state: "NOTPAY", address_in: "qrcode" }
}

/// The ways that need no more of the payer's device than a camera or a browser.
static CHANNELS: [Channel; 7] = [
    qr_code("alipay.qrcode", "alipay"),
    qr_code("wechat.qrcode", "wechat"),
    qr_code("blueocean.qrcode", "blueocean"),
    qr_code("unionpay.qrcode", "unionpay"),
    Channel { trade_type: "WAPPAY", ..qr_code("alipay.wappay", "alipay") },
    // The name of the field says otherwise, but this one is a page to go to.
    Channel { trade_type: "LINK", first_state: "USERPAYING", ..qr_code("unionpay.link", "unionpay") },
    Channel { trade_type: "MWEB", address_in: "mweb_url", ..qr_code("wechat.mweb", "wechat") },
];

/// The way to pay with this name, when the simulated merchant has it.
pub(super) fn find(payment: &str) -> Option<&'static Channel> {
    CHANNELS.iter().find(|channel| channel.payment == payment)
}
