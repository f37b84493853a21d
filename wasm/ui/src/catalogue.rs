//! Every word that is shown, in English and Chinese.

/// A language of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Chinese,
}

impl Language {
    /// The language for a BCP 47 tag; English where it is not Chinese.
    pub(crate) fn of(locale: &str) -> Self {
        let primary = locale.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") { Self::Chinese } else { Self::English }
    }

    /// Its tag.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }
}

macro_rules! catalogue {
    ($($(#[$meta:meta])* $name:ident: $english:literal / $chinese:literal,)+) => {
        /// A message; `{…}` are places to fill.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Message { $($(#[$meta])* $name,)+ }

        impl Message {
            #[cfg(test)]
            const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The message in a language.
            pub(crate) const fn text(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$name, Language::English) => $english, (Self::$name, Language::Chinese) => $chinese,)+
                }
            }
        }
    };
}

catalogue! {
    // Buttons.
    Pay: "Pay {amount}" / "支付 {amount}",
    Continue: "Continue to {wallet}" / "前往{wallet}",
    RaiseLimits: "Top up or raise limits in {wallet}" / "前往{wallet}充值或调整限额",
    CopyAddress: "Copy the address" / "复制网址",
    AddressCopied: "Copied" / "已复制",
    AllowConsent: "Allow in {wallet}" / "前往{wallet}授权",
    OpenWallet: "Open {wallet}" / "打开{wallet}",
    TryAgain: "Try again" / "重试",
    CheckAgain: "Check again" / "再次查询",
    BackToShop: "Back to the shop" / "返回商家",
    NewCode: "Get a new code" / "获取新的二维码",
    NewPayment: "Start a new payment" / "重新发起支付",

    // The frame.
    Region: "Payment" / "支付",
    Progress: "Progress" / "支付进度",
    Steps: "Review\nPay\nResult" / "核对\n付款\n结果",

    // What is going on.
    Opening: "Loading your payment…" / "正在加载支付信息…",
    Renewing: "Preparing a new payment…" / "正在准备新的支付…",
    ReadyTitle: "Ready to pay" / "确认支付",
    RedirectHint: "You will be taken to {wallet} to pay." / "点击后将前往{wallet}完成支付。",
    WrongPlace: "{wallet} may not work here. Open this page in another browser if it does not." / "当前环境可能无法使用{wallet}，如无法支付请更换浏览器打开本页。",
    Confirming: "Contacting {wallet}…" / "正在连接{wallet}…",
    Leaving: "Taking you to {wallet}…" / "正在前往{wallet}…",
    Returning: "Checking your payment…" / "正在查询支付结果…",
    WaitingForWallet: "Waiting for your payment in {wallet}" / "等待您在{wallet}中完成支付",
    WaitingHint: "This page updates by itself when you have paid." / "支付完成后本页会自动更新。",
    Processing: "Waiting for confirmation" / "正在确认支付结果",
    ProcessingHint: "Your payment is being processed. Please do not pay again." / "支付正在处理中，请勿重复付款。",
    ScanTitle: "Scan with {wallet} to pay" / "请使用{wallet}扫码支付",
    PayTitle: "Pay with {wallet}" / "使用{wallet}支付",
    PayHint: "Open it here, or scan the code with another device. This page updates by itself when you have paid." / "可在本机打开，也可用其他设备扫码。支付完成后本页会自动更新。",
    ScanHintOnPhone: "Paying on this phone? Take a screenshot, and choose it where {wallet} scans codes." / "在本机支付？请截屏保存二维码，再用{wallet}扫一扫从相册中选取。",
    CodeOverTitle: "This code has run out" / "二维码已过期",
    CodeOverHint: "Please do not scan it any more. If you have paid, this page still updates by itself." / "请勿再扫描此码。如已付款，本页仍会自动更新。",
    CodeOverLabel: "The QR code has run out" / "二维码已过期",
    ScanLabel: "QR code to pay {amount} with {wallet}" / "使用{wallet}支付 {amount} 的二维码",
    CodeTooLong: "This QR code cannot be shown." / "无法显示二维码。",
    ConsentTitle: "{wallet} needs your permission" / "需要您在{wallet}中授权",
    ConsentHint: "Allow automatic payments and check your limits and balance. You will come back here." / "请允许自动支付，并确认限额和余额充足，完成后将返回本页。",
    RaiseTitle: "{wallet} cannot pay this yet" / "{wallet}暂时无法完成支付",
    RaiseHint: "Top up your balance or raise your limits there. You will come back here." / "请前往充值或调整限额，完成后将返回本页。",
    LoginTitle: "Log in to {wallet} to pay" / "请登录{wallet}后支付",
    LoginHint: "You will come back here." / "登录后将返回本页。",
    InvokingTitle: "Confirm the payment in {wallet}" / "请在{wallet}中确认支付",
    BridgeCancelTitle: "You left {wallet}" / "您已离开{wallet}",
    BridgeCancelHint: "If you have paid, this page updates by itself. Otherwise you can try again." / "如已付款，本页会自动更新；如未付款，可重新支付。",
    BridgeFailTitle: "{wallet} did not take the payment" / "{wallet}未能完成支付",
    TillTitle: "Show your payment code at the till" / "请向收银员出示付款码",
    TillHint: "The shop scans it. There is nothing to press here, and this page updates by itself." / "由商家扫码收款，无需在本页操作，支付完成后本页会自动更新。",
    Offline: "You are offline. This goes on by itself when you are connected again." / "网络已断开，恢复连接后将自动继续。",
    StillChecking: "Still checking… The payment service does not answer at the moment." / "仍在确认…支付服务暂时没有响应。",
    ExpiresIn: "Time left: {time}" / "剩余时间：{time}",
    TimeLeft: "{time} left to pay" / "支付时间还剩 {time}",
    TimeIsUp: "Time is up" / "已超时",
    Sandbox: "Test mode: no real money moves" / "测试模式：不会产生真实交易",

    // Somewhere else: why, and then one step a line.
    BrowserTitle: "Open this page in your browser" / "请在浏览器中打开本页",
    BrowserHint: "{wallet} does not open here." / "当前应用内无法打开{wallet}。",
    BrowserSteps: "Copy the address below.\nOpen it in your phone's browser." / "复制下方网址。\n在手机浏览器中打开。",
    BrowserStepsInWechat: "Tap ··· in the top right corner.\nChoose “Open in Browser”." / "点击右上角 ··· 。\n选择“在浏览器打开”。",
    AppTitle: "Open this page in {app}" / "请在{app}中打开本页",
    AppHint: "{wallet} only opens inside {app}." / "{wallet}只能在{app}内打开。",
    AppSteps: "Copy the address below.\nSend it to yourself in {app}.\nOpen it there." / "复制下方网址。\n在{app}中发送给自己。\n点开收到的网址。",
    AppHintOnDesktop: "Scan this code with {app} on your phone. This page updates by itself when you have paid." / "请用手机{app}扫描此码打开。支付完成后本页会自动更新。",
    PhoneTitle: "Open this page on your phone" / "请在手机上打开本页",
    PhoneHint: "Scan this code with your phone. This page updates by itself when you have paid." / "请用手机扫描此码打开。支付完成后本页会自动更新。",
    PageLabel: "QR code with the address of this page" / "本页网址的二维码",
    AddressLabel: "Address of this page" / "本页网址",

    // Ends.
    Succeeded: "Paid" / "支付成功",
    SucceededHint: "{amount} was paid. Thank you." / "已支付 {amount}，谢谢。",
    Failed: "Payment failed" / "支付失败",
    FailedHint: "No money was taken." / "未扣款。",
    Expired: "Payment expired" / "支付已过期",
    ExpiredHint: "It was not paid in time. No money was taken." / "未在规定时间内支付，未扣款。",
    Canceled: "Payment canceled" / "支付已取消",
    CanceledHint: "This payment was given up." / "该笔支付已取消。",
    Refunded: "Refunded" / "已退款",
    RefundedHint: "{amount} was paid back." / "{amount} 已退回。",
    Review: "The shop is checking this payment" / "商家正在核实该笔支付",
    ReviewHint: "Please do not pay again. The shop will contact you." / "请勿重复付款，商家会与您联系。",
    Pending: "Not confirmed yet" / "尚未确认支付结果",
    PendingHint: "If you have paid, please do not pay again. You can check again." / "如已付款，请勿重复支付，可稍后再次查询。",
    Unsupported: "This payment cannot be continued here" / "无法在当前页面继续支付",
    UnsupportedHint: "Go back to the shop and choose another way to pay." / "请返回商家选择其他支付方式。",
    NativeTitle: "Pay in the shop's own app" / "请在商家App中支付",
    NativeHint: "This way of paying starts {wallet} from the shop's own app, which a web page cannot do. Open the shop's app, or choose another way to pay." / "此支付方式需由商家App调起{wallet}，网页无法调起。请打开商家App，或选择其他支付方式。",
    MiniProgramTitle: "Continue in the mini program" / "请在小程序中继续",
    MiniProgramHint: "Inside a mini program only the mini program itself can start {wallet}. Go back to it, or open this page in WeChat directly." / "小程序内只能由小程序调起{wallet}，请返回小程序，或直接在微信中打开本页。",
    BridgeMissingTitle: "{wallet} did not open" / "未能调起{wallet}",
    BridgeMissingHint: "Make sure that this page is open in WeChat, and try again." / "请确认本页在微信内打开，然后重试。",
    Unauthorized: "This payment link is no longer valid" / "支付链接已失效",
    StartAgain: "Go back to the shop and start again." / "请返回商家重新发起支付。",
    Trouble: "Something went wrong" / "出错了",
    NoAnswer: "The payment service does not answer" / "支付服务暂时没有响应",
    NoAnswerHint: "Check your connection, or try again in a moment." / "请检查网络，或稍后重试。",
    NoAnswerAtPay: "Check your connection and try again. Pressing twice never pays twice." / "请检查网络后重试，重复点击不会重复付款。",
    NoAnswerUnderWay: "The payment service does not answer at the moment. If you have paid, please do not pay again." / "支付服务暂时没有响应。如已付款，请勿重复支付。",
    RenewFailed: "The new payment is not ready" / "未能准备新的支付",
    RenewFailedHint: "The shop did not answer as expected. Please try again." / "商家未能正常响应，请重试。",

    // Wallets.
    DotWallet: "DotWallet" / "打点钱包",
    WeChat: "WeChat" / "微信",
    WeChatPay: "WeChat Pay" / "微信支付",
    Alipay: "Alipay" / "支付宝",
    UnionPay: "UnionPay" / "云闪付",
    Hicoin: "Hicoin" / "Hicoin",
    AnyWallet: "WeChat or Alipay" / "微信或支付宝",
    PaymentPage: "the payment page" / "支付页面",
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    fn places(text: &str) -> Vec<&str> {
        let mut places: Vec<&str> =
            text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect();
        places.sort_unstable();
        places
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn both_languages_say_something_with_the_same_places() {
        for message in Message::ALL {
            let (english, chinese) = (message.text(Language::English), message.text(Language::Chinese));
            assert!(!english.is_empty() && !chinese.is_empty());
            assert_eq!(places(english), places(chinese), "{message:?}");
        }
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn every_chinese_tag_is_chinese_and_the_rest_english() {
        for tag in ["zh", "zh-CN", "zh-Hant-HK", "ZH_cn"] {
            assert_eq!(Language::of(tag), Language::Chinese, "{tag}");
        }
        for tag in ["en", "en-GB", "de", "", "zhx"] {
            assert_eq!(Language::of(tag), Language::English, "{tag}");
        }
    }
}
