//! What the payer's browser must do now.

use crate::closed::closed_set;

closed_set! {
    /// Why the payer is sent to another page.
    RedirectPurpose {
        /// To pay.
        Pay = "pay",
        /// To say who they are.
        Login = "login",
    }
}

closed_set! {
    /// The application that takes a native payload.
    Platform {
        /// The Alipay SDK.
        Alipay = "alipay",
        /// The WeChat SDK.
        Wechat = "wechat",
    }
}

/// A JSON value that is passed through as the gateway signed it.
#[cfg(feature = "serde")]
pub type Payload = serde_json::Value;
/// Without the JSON feature a payload is opaque text.
#[cfg(not(feature = "serde"))]
pub type Payload = String;

/// One thing for the browser to do. JSON: an object with `type` and the fields named here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "type", rename_all = "snake_case"))]
pub enum NextAction {
    /// Go to `url`, verbatim.
    Redirect {
        /// Why.
        purpose: RedirectPurpose,
        /// The gateway's page.
        url: String,
    },
    /// Let the payer switch automatic payments on, or raise limit or balance, at DotWallet.
    DotwalletSetPayConfig {
        /// The page, without its query.
        page_url: String,
        /// The merchant's application.
        app_id: String,
        /// Where the payer comes back to, not yet percent-encoded.
        redirect_uri: String,
    },
    /// Go to Hicoin's payment page with these signed parts.
    HicoinH5 {
        /// The page, without its query.
        page_url: String,
        /// The merchant's application.
        app_id: String,
        /// Unix seconds.
        time_stamp: String,
        /// Random text.
        nonce_str: String,
        /// `prepay_id%3D…`: already encoded once, goes into the URL as it is.
        package: String,
        /// Always `HMAC-SHA256`.
        sign_type: String,
        /// Signature over the parts.
        pay_sign: String,
    },
    /// Call WeChat's bridge, `getBrandWCPayRequest`.
    WechatJsapi {
        /// The call's parameters as the gateway signed them.
        payload: Payload,
    },
    /// Call the Hong Kong wallet, `getH5PrepayRequest`.
    WechatHkJsapi {
        /// The call's parameters as the gateway signed them.
        payload: Payload,
        /// What `wx.config` needs, when the account is configured for it.
        config: Option<Payload>,
    },
    /// Show `text` as a QR code.
    QrCode {
        /// What the code says.
        text: String,
        /// Until when it is worth showing, RFC 3339.
        expires_at: String,
    },
    /// Only a native application can go on.
    NativeApp {
        /// Which.
        platform: Platform,
        /// What its SDK takes.
        payload: Payload,
    },
}
