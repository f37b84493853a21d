//! The browser pages: plain HTML and one style sheet, no scripts.

use std::fmt::Write as _;

use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;
use url::Url;

use super::language::Language;
use super::orders::State;
use super::world::Gateway;

const STYLESHEET: &str = include_str!("../../assets/gateways.css");

/// `form-action` has to allow other places, because browsers apply it to the whole chain of redirects that follows a
/// form, and the chain ends in the shop.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
                      form-action 'self' http: https:; base-uri 'none'; frame-ancestors 'none'";

/// A page of one gateway.
pub(crate) struct Page {
    pub(crate) gateway: Gateway,
    pub(crate) language: Language,
    pub(crate) status: StatusCode,
    pub(crate) title: String,
    /// What stands between title and footer, as HTML.
    pub(crate) content: String,
}

impl Page {
    /// A page with a title and nothing else yet.
    pub(crate) fn new(gateway: Gateway, language: Language, title: &str) -> Self {
        Self { gateway, language, status: StatusCode::OK, title: title.to_owned(), content: String::new() }
    }

    /// The page that a gateway shows instead of the one that was asked for.
    pub(crate) fn error(gateway: Gateway, language: Language, code: &str, text: &str) -> Self {
        let title = language.of_two("This cannot go on", "无法继续");
        let mut page = Self::new(gateway, language, title);
        page.status = StatusCode::BAD_REQUEST;
        let _ = write!(
            page.content,
            r#"<p class="notice bad" id="error" data-testid="error" role="alert">{}</p>"#,
            escaped(text)
        );
        if !code.is_empty() {
            let _ = write!(
                page.content,
                r#"<p class="quiet">{}: <code id="error-code">{}</code></p>"#,
                language.of_two("Code", "错误码"),
                escaped(code)
            );
        }
        page
    }

    /// Adds a paragraph of text.
    pub(crate) fn paragraph(mut self, text: &str) -> Self {
        let _ = write!(self.content, "<p>{}</p>", escaped(text));
        self
    }

    /// Adds the amount, large.
    pub(crate) fn amount(mut self, amount: &str) -> Self {
        let _ = write!(
            self.content,
            r#"<p class="amount" id="amount" data-testid="amount">{}</p>"#,
            escaped(amount)
        );
        self
    }

    /// Adds a list of names and values; empty values are left out.
    pub(crate) fn facts(mut self, facts: &[(&str, &str)]) -> Self {
        self.content.push_str("<dl>");
        for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
            let _ = write!(self.content, "<div><dt>{}</dt><dd>{}</dd></div>", escaped(name), escaped(value));
        }
        self.content.push_str("</dl>");
        self
    }

    /// Adds a form that posts to the page's own address.
    pub(crate) fn form(mut self, inside: &str) -> Self {
        let _ = write!(self.content, r#"<form method="post">{inside}</form>"#);
        self
    }

    /// Adds a notice, `good` or `bad`.
    pub(crate) fn notice(mut self, id: &str, kind: &str, text: &str) -> Self {
        let _ = write!(
            self.content,
            r#"<p class="notice {kind}" id="{id}" data-testid="{id}" role="status">{}</p>"#,
            escaped(text)
        );
        self
    }

    /// Adds a link back to the shop, when there is an address to go back to.
    pub(crate) fn way_back(mut self, url: Option<&str>) -> Self {
        if let Some(url) = url {
            let text = self.language.of_two("Back to the shop", "返回商家");
            let _ = write!(
                self.content,
                r#"<p class="buttons"><a class="button" id="return" data-testid="return" href="{}">{text}</a></p>"#,
                escaped(url)
            );
        }
        self
    }

    /// Adds how an order stands that cannot be paid here any more, and the way back.
    pub(crate) fn standing(self, state: State, back: Option<&str>) -> Self {
        let of_two = |english, chinese| self.language.of_two(english, chinese);
        let (id, kind, text) = match state {
            State::Unpaid => return self.way_back(back),
            State::Paid => {
                ("paid", "good", of_two("Paid. Go back to the shop.", "支付成功，请返回商家页面。"))
            }
            State::Closed => ("closed", "bad", of_two("The order is closed.", "订单已关闭")),
            State::Refunded => ("refunded", "bad", of_two("Refunded.", "订单已退款")),
            State::Revoked => ("revoked", "bad", of_two("The shop has taken the order back.", "订单已撤销")),
            State::Failed => ("failed", "bad", of_two("The payment has failed.", "支付异常")),
        };
        self.notice(id, kind, text).way_back(back)
    }

    /// What the browser inside WeChat shows of a page that cannot be paid on there.
    pub(crate) fn outside_wechat(gateway: Gateway, language: Language) -> Self {
        let text =
            language.of_two("Open this page outside of WeChat to pay.", "请在微信外打开订单，进行支付");
        Self::error(gateway, language, "", text)
    }

    fn html(&self) -> String {
        let (name, class) = match self.gateway {
            Gateway::DotWallet => ("DotWallet 打点钱包", "dotwallet"),
            Gateway::Jubao => ("聚宝 Pay", "jubao"),
            Gateway::BlueOcean => ("BlueOcean Pay 蓝海支付", "blueocean"),
            Gateway::Hicoin => ("Hicoin", "hicoin"),
            Gateway::WeChat => ("WeChat 微信", "wechat"),
        };
        let footer = self.language.of_two(
            "This is the sandbox's simulator of the gateway. No money moves.",
            "这是沙箱中的网关模拟页面，不会发生真实扣款。",
        );
        format!(
            r#"<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · {name}</title>
<link rel="stylesheet" href="/_assets/gateways.css">
</head>
<body class="{class}">
<header>{name}</header>
<main>
<h1>{title}</h1>
{content}
</main>
<footer>{footer}</footer>
</body>
</html>
"#,
            language = self.language.of_two("en", "zh-CN"),
            title = escaped(&self.title),
            content = self.content,
        )
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let headers: [(HeaderName, HeaderValue); 4] = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        (self.status, headers, self.html()).into_response()
    }
}

/// What a page's form sends: the button that was pressed, and the password where one is asked for.
#[derive(Deserialize)]
pub(crate) struct Decision {
    pub(crate) decision: String,
    #[serde(default)]
    pub(crate) password: String,
}

/// A button that sends its form with `decision` set to its id.
pub(crate) fn button(id: &str, label: &str, main: bool) -> String {
    let class = if main { "main" } else { "other" };
    // The lesser button may be pressed with the form's fields left empty.
    let skip = if main { "" } else { " formnovalidate" };
    format!(
        r#"<button class="{class}" id="{id}" data-testid="{id}" name="decision" value="{id}"{skip}>{}</button>"#,
        escaped(label)
    )
}

/// A row of buttons.
pub(crate) fn buttons(buttons: &[String]) -> String {
    format!(r#"<p class="buttons">{}</p>"#, buttons.concat())
}

/// Sends the browser on, to a place that was checked when the merchant named it.
pub(crate) fn go_to(url: &str) -> Response {
    Redirect::to(url).into_response()
}

/// Sends the browser on as an authorisation does: with 302, after a plain request for a page.
pub(crate) fn found(url: &str) -> Response {
    match HeaderValue::from_str(url) {
        Ok(place) => (StatusCode::FOUND, [(header::LOCATION, place)]).into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// Whether a text is an address that a browser or a notification can be sent to.
pub(crate) fn web_address(text: &str) -> Option<Url> {
    let readable = !text.chars().any(|letter| letter.is_control() || letter.is_whitespace());
    Url::parse(text).ok().filter(|url| readable && matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Text as HTML.
pub(crate) fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

/// An amount of minor units as a decimal number: `decimals("1000", 2)` is `10.00`.
pub(crate) fn decimal(amount: i64, places: u32) -> String {
    let unit = 10i64.pow(places).unsigned_abs();
    let (sign, size) = (if amount < 0 { "-" } else { "" }, amount.unsigned_abs());
    format!("{sign}{}.{:0width$}", size / unit, size % unit, width = places as usize)
}

/// The one style sheet.
pub(crate) async fn stylesheet() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLESHEET).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_merchant_wrote_cannot_become_markup() {
        let page = Page::new(Gateway::Jubao, Language::English, "<b>").facts(&[("Goods", "<script>\"'&")]);
        let html = page.html();
        assert!(
            html.contains("&lt;script&gt;&quot;&#39;&amp;") && html.contains("<h1>&lt;b&gt;</h1>"),
            "{html}"
        );
    }

    #[test]
    fn amounts_are_written_with_all_their_places() {
        assert_eq!(decimal(1005, 2), "10.05");
        assert_eq!(decimal(7, 8), "0.00000007");
    }

    #[test]
    fn only_web_addresses_are_gone_to() {
        for text in
            ["javascript:alert(1)", "/done", "https://", "ftp://a.example/", "https://a.example/\nX: y"]
        {
            assert_eq!(web_address(text), None, "{text}");
        }
        assert!(web_address("https://shop.example/done?o=1&x=%20").is_some());
    }
}
