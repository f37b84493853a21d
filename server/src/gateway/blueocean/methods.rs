//! The ways to pay: what each is called, what it sends besides the fields that all send, and what its answer gives the
//! payer to go on with. Source: BlueOcean payment API document 2.1, table of `payment` and the samples.

use countersign_core::MethodType;

use super::config::Wallet;

/// One way to pay.
#[derive(Debug)]
pub(super) struct Way {
    /// Its name on the wire.
    pub(super) payment: &'static str,
    /// What its answer gives.
    pub(super) shows: Shows,
    /// Which wallet is named in the request.
    pub(super) wallet: WalletNamed,
    /// Whether the payer's browser comes back from a page of the gateway.
    pub(super) comes_back: bool,
    /// Whether the order is bound to the payer's address.
    pub(super) bound_to_address: bool,
    /// Whether Alipay may be what pays it.
    pub(super) maybe_alipay: bool,
    /// What of the method must be given.
    pub(super) needs: &'static [Need],
}

/// What an answer gives the payer to go on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shows {
    /// The text of a QR code.
    QrCode,
    /// The address of a page, under the name of the QR code.
    Page,
    /// The address of WeChat's page.
    WechatPage,
    /// A call of WeChat's bridge.
    WechatBridge,
    /// A call of the Hong Kong wallet.
    HongKongBridge,
    /// An order string for Alipay's SDK.
    AlipayApp,
    /// Parameters for WeChat's SDK.
    WechatApp,
    /// Nothing: the till has read the payer's bar code already.
    Nothing,
}

/// Which wallet a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WalletNamed {
    /// None.
    No,
    /// The account's, where it has one.
    OfAccount,
    /// This one: the method says so.
    Always(Wallet),
}

/// A field of the method that must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// The merchant's WeChat application.
    SubAppid,
    /// The payer in it.
    SubOpenid,
    /// The payer's bar code.
    AuthCode,
}

/// The table. `None` for the methods of other gateways.
pub(super) fn way(method: MethodType) -> Option<Way> {
    use MethodType as M;
    use Shows as S;
    Some(match method {
        M::BlueoceanAlipayQrcode => alipay("alipay.qrcode", S::QrCode),
        M::BlueoceanWechatQrcode => plain("wechat.qrcode", S::QrCode),
        // Naming one wallet would go against what it is for.
        M::BlueoceanMixedQrcode => Way { maybe_alipay: true, ..plain("blueocean.qrcode", S::QrCode) },
        M::BlueoceanUnionpayQrcode => plain("unionpay.qrcode", S::QrCode),
        M::BlueoceanAlipayWap => Way { comes_back: true, ..alipay("alipay.wappay", S::Page) },
        M::BlueoceanUnionpayLink => Way { wallet: WalletNamed::OfAccount, ..plain("unionpay.link", S::Page) },
        M::BlueoceanWechatMweb => {
            Way { comes_back: true, bound_to_address: true, ..plain("wechat.mweb", S::WechatPage) }
        }
        // The wallet decides for which bridge the payload is signed, so the method says it, not the account.
        M::BlueoceanWechatJsapi => Way {
            wallet: WalletNamed::Always(Wallet::Mainland),
            needs: &[Need::SubAppid, Need::SubOpenid],
            ..plain("wechat.jsapi", S::WechatBridge)
        },
        M::BlueoceanWechatHkJsapi => Way {
            wallet: WalletNamed::Always(Wallet::HongKong),
            comes_back: true,
            ..plain("wechat.jsapi", S::HongKongBridge)
        },
        M::BlueoceanAlipayApp => alipay("alipay.app", S::AlipayApp),
        M::BlueoceanWechatApp => Way {
            wallet: WalletNamed::OfAccount,
            needs: &[Need::SubAppid],
            ..plain("wechat.app", S::WechatApp)
        },
        M::BlueoceanMicropay => {
            Way { maybe_alipay: true, needs: &[Need::AuthCode], ..plain("micropay", S::Nothing) }
        }
        _ => return None,
    })
}

const fn plain(payment: &'static str, shows: Shows) -> Way {
    Way {
        payment,
        shows,
        wallet: WalletNamed::No,
        comes_back: false,
        bound_to_address: false,
        maybe_alipay: false,
        needs: &[],
    }
}

const fn alipay(payment: &'static str, shows: Shows) -> Way {
    Way { wallet: WalletNamed::OfAccount, maybe_alipay: true, ..plain(payment, shows) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_core::GatewayId;

    #[test]
    fn every_method_of_blueocean_and_no_other_has_a_row() {
        for method in MethodType::ALL {
            assert_eq!(way(*method).is_some(), method.gateway() == GatewayId::Blueocean, "{method}");
        }
    }
}
