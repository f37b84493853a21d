//! The ways to pay.

use crate::closed::closed_set;

closed_set! {
    /// The gateways.
    GatewayId {
        /// DotWallet: BSV.
        Dotwallet = "dotwallet",
        /// Jubao Pay (聚宝 Pay).
        Jubao = "jubao",
        /// BlueOcean (蓝海支付), the second dialect inside the Jubao document.
        Blueocean = "blueocean",
        /// Hicoin: USDT and house coins.
        Hicoin = "hicoin",
    }
}

closed_set! {
    /// A way to pay at a gateway, without its further fields.
    MethodType {
        /// Automatic payment within limits the payer set.
        DotwalletAutopay = "dotwallet_autopay",
        /// One order, confirmed by the payer in the wallet.
        DotwalletOrder = "dotwallet_order",
        /// WeChat from a phone browser, channel 201.
        JubaoWechatH5 = "jubao_wechat_h5",
        /// Alipay from a phone browser, channel 101.
        JubaoAlipayWap = "jubao_alipay_wap",
        /// Another channel by its number.
        JubaoChannel = "jubao_channel",
        /// Alipay by QR code.
        BlueoceanAlipayQrcode = "blueocean_alipay_qrcode",
        /// WeChat by QR code.
        BlueoceanWechatQrcode = "blueocean_wechat_qrcode",
        /// Either wallet by one QR code.
        BlueoceanMixedQrcode = "blueocean_mixed_qrcode",
        /// UnionPay by QR code.
        BlueoceanUnionpayQrcode = "blueocean_unionpay_qrcode",
        /// Alipay from a phone browser.
        BlueoceanAlipayWap = "blueocean_alipay_wap",
        /// UnionPay's page.
        BlueoceanUnionpayLink = "blueocean_unionpay_link",
        /// WeChat from a phone browser.
        BlueoceanWechatMweb = "blueocean_wechat_mweb",
        /// Inside WeChat.
        BlueoceanWechatJsapi = "blueocean_wechat_jsapi",
        /// Inside WeChat with the Hong Kong wallet.
        BlueoceanWechatHkJsapi = "blueocean_wechat_hk_jsapi",
        /// Alipay's SDK in a native application.
        BlueoceanAlipayApp = "blueocean_alipay_app",
        /// WeChat's SDK in a native application.
        BlueoceanWechatApp = "blueocean_wechat_app",
        /// The till scans the payer's bar code.
        BlueoceanMicropay = "blueocean_micropay",
        /// Hicoin's payment page.
        HicoinH5 = "hicoin_h5",
        /// Hicoin's payment page, ordered as JSAPI.
        HicoinJsapi = "hicoin_jsapi",
    }
}

impl MethodType {
    /// The gateway that offers it.
    pub const fn gateway(self) -> GatewayId {
        match self {
            Self::DotwalletAutopay | Self::DotwalletOrder => GatewayId::Dotwallet,
            Self::JubaoWechatH5 | Self::JubaoAlipayWap | Self::JubaoChannel => GatewayId::Jubao,
            Self::HicoinH5 | Self::HicoinJsapi => GatewayId::Hicoin,
            _ => GatewayId::Blueocean,
        }
    }
}

/// One of several addresses that share a BSV payment.
#[cfg(feature = "serde")]
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receiver {
    /// A BSV address.
    pub address: String,
    /// Satoshi.
    pub amount: i64,
}

/// A way to pay with its further fields, as the merchant gave them.
///
/// The payer's access token is read but never written back: no answer, webhook or log carries it.
#[cfg(feature = "serde")]
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Method {
    /// Which way.
    #[serde(rename = "type")]
    pub kind: MethodType,
    /// The payer at DotWallet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_open_id: Option<String>,
    /// Hex of a data script for the transaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op_return: Option<String>,
    /// Who shares the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receive_addresses: Option<Vec<Receiver>>,
    /// Jubao's channel number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_channel_id: Option<i64>,
    /// The merchant's WeChat application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_appid: Option<String>,
    /// The payer in that application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_openid: Option<String>,
    /// The payer's bar code.
    #[serde(default, skip_serializing)]
    pub auth_code: Option<String>,
    /// The payer at Hicoin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openid: Option<String>,
    /// The payer's token at Hicoin.
    #[serde(default, skip_serializing)]
    pub access_token: Option<String>,
    /// Comes back in Hicoin's notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passback_params: Option<String>,
}

#[cfg(feature = "serde")]
impl Method {
    /// A method without further fields.
    pub fn bare(kind: MethodType) -> Self {
        Self {
            kind,
            user_open_id: None,
            op_return: None,
            receive_addresses: None,
            pay_channel_id: None,
            sub_appid: None,
            sub_openid: None,
            auth_code: None,
            openid: None,
            access_token: None,
            passback_params: None,
        }
    }

    /// The method whose rules hold for it: a channel by the number of a named method is that method.
    pub const fn way(&self) -> MethodType {
        match (self.kind, self.pay_channel_id) {
            (MethodType::JubaoChannel, Some(101)) => MethodType::JubaoAlipayWap,
            (MethodType::JubaoChannel, Some(201)) => MethodType::JubaoWechatH5,
            (kind, _) => kind,
        }
    }
}

/// Prints without the payer's access token and bar code.
#[cfg(feature = "serde")]
impl std::fmt::Debug for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("Method");
        shown
            .field("kind", &self.kind)
            .field("user_open_id", &self.user_open_id)
            .field("openid", &self.openid);
        shown.finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_names_its_gateway_first() {
        for method in MethodType::ALL {
            assert!(method.as_str().starts_with(method.gateway().as_str()), "{method}");
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn a_channel_by_the_number_of_a_named_method_is_that_method() {
        let way = |number| {
            let mut method = Method::bare(MethodType::JubaoChannel);
            method.pay_channel_id = number;
            method.way()
        };
        assert_eq!(way(Some(201)), MethodType::JubaoWechatH5);
        assert_eq!(way(Some(101)), MethodType::JubaoAlipayWap);
        assert_eq!(way(Some(304)), MethodType::JubaoChannel);
        assert_eq!(Method::bare(MethodType::HicoinH5).way(), MethodType::HicoinH5);
    }

    #[cfg(feature = "serde")]
    #[test]
    fn never_writes_the_payers_token_back() {
        let mut method = Method::bare(MethodType::HicoinH5);
        method.openid = Some("u1".into());
        method.access_token = Some("token-of-the-payer".into());
        method.auth_code = Some("134602370743606195".into());
        let text = format!("{} {method:?}", serde_json::to_string(&method).unwrap());
        assert!(!text.contains("token-of-the-payer") && !text.contains("134602370743606195"), "{text}");
        assert!(text.contains("u1"));
    }
}
