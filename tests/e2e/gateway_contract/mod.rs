//! What every way to pay must do, whichever gateway it is at: one suite.

mod choices;
mod forgeries;
mod journey;
mod money;
mod notice;
mod refusals;
mod trouble;
pub(crate) mod wire;

/// Runs the named tests for each shape of a way to pay, every test in a world of its own; some for every method.
macro_rules! suite {
    (
        $(every method: $of_every_method:tt,)?
        every way: $every:tt,
        ways that notify: $notifying:tt
        $(, $module:ident at $way:ident: $only:tt)* $(,)?
    ) => {
        $(super::suite!(@methods $of_every_method);)?
        super::suite!(@module dotwallet_autopay, DOTWALLET_AUTOPAY, $every []);
        super::suite!(@module dotwallet_order, DOTWALLET_ORDER, $every $notifying);
        super::suite!(@module jubao_wechat_h5, JUBAO_WECHAT_H5, $every $notifying);
        super::suite!(@module blueocean_alipay_qrcode, BLUEOCEAN_ALIPAY_QRCODE, $every $notifying);
        super::suite!(@module blueocean_wechat_jsapi, BLUEOCEAN_WECHAT_JSAPI, $every $notifying);
        super::suite!(@module blueocean_micropay, BLUEOCEAN_MICROPAY, $every []);
        super::suite!(@module hicoin_h5, HICOIN_H5, $every $notifying);
        $(super::suite!(@module $module, $way, $only []);)*
    };
    (@module $module:ident, $way:ident, [$($test:ident),* $(,)?] [$($more:ident),* $(,)?]) => {
        mod $module {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test(countersign_tests::$way).await;
                }
            )*
            $(
                #[tokio::test]
                async fn $more() {
                    super::$more(countersign_tests::$way).await;
                }
            )*
        }
    };
    (@methods [$($test:ident),* $(,)?]) => {
        mod every_method {
            super::super::suite! {
                @method [$($test)*]
                dotwallet_autopay dotwallet_order
                jubao_wechat_h5 jubao_alipay_wap jubao_channel
                blueocean_alipay_qrcode blueocean_wechat_qrcode blueocean_mixed_qrcode blueocean_unionpay_qrcode
                blueocean_alipay_wap blueocean_unionpay_link blueocean_wechat_mweb
                blueocean_wechat_jsapi blueocean_wechat_hk_jsapi
                blueocean_alipay_app blueocean_wechat_app blueocean_micropay
                hicoin_h5 hicoin_jsapi
            }
        }
    };
    (@method $tests:tt $($method:ident)*) => {
        $(super::super::suite! { @tests_of $method $tests })*
    };
    (@tests_of $method:ident [$($test:ident)*]) => {
        mod $method {
            $(
                #[tokio::test]
                async fn $test() {
                    super::super::$test(countersign_tests::Way::of(stringify!($method))).await;
                }
            )*
        }
    };
}

use suite;
