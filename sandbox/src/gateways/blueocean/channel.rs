//! The ways to pay, by the names that requests use.

/// One value of `payment`.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) payment: &'static str,
    /// Whose wallet it is; a bar code says so itself.
    pub(super) provider: &'static str,
    pub(super) trade_type: &'static str,
    /// `trade_state` of a new order.
    pub(super) first_state: &'static str,
    pub(super) hands_out: HandsOut,
    /// Whether its sample prints figures as numbers; the others print them as texts.
    pub(super) numbers: bool,
}

/// What the answer gives to the merchant to go on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HandsOut {
    /// The text of a QR code, under `qrcode`.
    QrCode,
    /// The address of a page, under `qrcode` in spite of the name.
    Page,
    /// The address of WeChat's page for browsers outside of WeChat, under `mweb_url`.
    WeChatPage,
    /// A payload for the bridge inside WeChat, under `jsapi`.
    WeChatBridge,
    /// Payloads for the kits of native apps, under `app`.
    AlipayApp,
    WeChatApp,
    /// Nothing: the till has read the payer's bar code already.
    Nothing,
}

const fn channel(payment: &'static str, provider: &'static str, trade_type: &'static str) -> Channel {
    Channel {
        payment,
        provider,
        trade_type,
        first_state: "NOTPAY",
        hands_out: HandsOut::QrCode,
        numbers: false,
    }
}

static CHANNELS: [Channel; 11] = [
    Channel { numbers: true, ..channel("alipay.qrcode", "alipay", "NATIVE") },
    channel("wechat.qrcode", "wechat", "NATIVE"),
    channel("blueocean.qrcode", "blueocean", "NATIVE"),
    channel("unionpay.qrcode", "unionpay", "NATIVE"),
    Channel { hands_out: HandsOut::Page, ..channel("alipay.wappay", "alipay", "WAPPAY") },
    Channel {
        hands_out: HandsOut::Page,
        first_state: "USERPAYING",
        ..channel("unionpay.link", "unionpay", "LINK")
    },
    Channel {
        hands_out: HandsOut::WeChatPage,
        first_state: "USERPAYING",
        ..channel("wechat.mweb", "wechat", "MWEB")
    },
    Channel { hands_out: HandsOut::WeChatBridge, ..channel("wechat.jsapi", "wechat", "JSAPI") },
    Channel { hands_out: HandsOut::AlipayApp, ..channel("alipay.app", "alipay", "APP") },
    Channel { hands_out: HandsOut::WeChatApp, ..channel("wechat.app", "wechat", "APP") },
    Channel { hands_out: HandsOut::Nothing, numbers: true, ..channel("micropay", "", "MICROPAY") },
];

/// The way to pay with this name.
pub(super) fn find(payment: &str) -> Option<&'static Channel> {
    CHANNELS.iter().find(|channel| channel.payment == payment)
}
