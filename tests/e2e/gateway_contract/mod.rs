//! What every way to pay must do, whichever gateway it is at: one suite, run against all five.

mod choices;
mod forgeries;
mod journey;
mod money;
mod refusals;
mod trouble;
mod wire;

/// Runs the named tests for each way to pay, every test in a world of its own.
macro_rules! suite {
    (
        every way: $every:tt,
        ways that notify: $notifying:tt
        $(, $module:ident at $way:ident: $only:tt)* $(,)?
    ) => {
        super::suite!(@module dotwallet_autopay, DOTWALLET_AUTOPAY, $every []);
        super::suite!(@module jubao_wechat_h5, JUBAO_WECHAT_H5, $every $notifying);
        super::suite!(@module jubao_alipay_wap, JUBAO_ALIPAY_WAP, $every $notifying);
        super::suite!(@module blueocean_alipay_qrcode, BLUEOCEAN_ALIPAY_QRCODE, $every $notifying);
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
}

use suite;
