//! What `wx.config` needs on the page that calls the Hong Kong wallet: a signature over the page's address under the
//! official account's ticket, SHA-1, lower-case hex.
//!
//! Source: WeChat JS-SDK document, appendix on signing; BlueOcean payment API document, "香港钱包公众号支付".

use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::super::{hex, key_value};
use super::{Blueocean, Order};
use crate::{clock, id};

/// The only call that the page makes.
const CALL: &str = "getH5PrepayRequest";

impl Blueocean {
    /// The configuration for the page where the payer confirmed `order`; `None` when the account has no official
    /// account, the page is not known, or there is no ticket to be had: the bridge may work without it.
    pub(super) async fn page_config(&self, order: &Order) -> Option<Value> {
        let official = self.config.wechat_official.as_ref()?;
        let Some(page) = order.circumstances.page_url.as_ref().or(official.page_url.as_ref()) else {
            tracing::warn!(
                order_no = order.order_no,
                "no page to sign for wx.config: the request had no Referer of an allowed origin, and wechat_official.page_url is not set"
            );
            return None;
        };
        match self.ticket.current(official, &self.upstream).await {
            Ok(ticket) => {
                let timestamp_s = clock::now_ms() / 1000;
                Some(config(&official.appid, ticket.expose(), page, timestamp_s, &id::nonce(16)))
            }
            Err(error) => {
                tracing::warn!(order_no = order.order_no, %error, "no ticket to sign wx.config with");
                None
            }
        }
    }
}

/// The arguments of `wx.config`; `beta` opens calls that are not in its list, such as this one.
fn config(appid: &str, ticket: &str, page: &str, timestamp_s: i64, nonce: &str) -> Value {
    let text = string_to_sign(ticket, nonce, &timestamp_s.to_string(), page);
    json!({
        "beta": true,
        "appId": appid,
        "timestamp": timestamp_s,
        "nonceStr": nonce,
        "signature": signature(&text),
        "jsApiList": [CALL],
    })
}

/// The text that is hashed. The page's address is raw and ends before its fragment.
fn string_to_sign(ticket: &str, nonce: &str, timestamp: &str, page: &str) -> String {
    let page = page.split('#').next().unwrap_or_default();
    let fields = [("jsapi_ticket", ticket), ("noncestr", nonce), ("timestamp", timestamp), ("url", page)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    key_value::canonical(&fields, &[], true)
}

fn signature(string_to_sign: &str) -> String {
    hex::lower(&Sha1::digest(string_to_sign.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vectors;

    #[test]
    fn agrees_with_every_vector_stage_by_stage() {
        let sign = |fields: &[(String, String)], _: &str| {
            let field = |name: &str| fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
            let text =
                string_to_sign(field("jsapi_ticket"), field("noncestr"), field("timestamp"), field("url"));
            let signature = signature(&text);
            Some((text.clone(), text.into_bytes(), signature))
        };
        vectors::check("wechat", "wechat-jssdk", sign, |_, _| false);
    }

    #[test]
    fn the_published_example_as_arguments_of_wx_config() {
        let ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg";
        let page = "http://mp.weixin.qq.com?params=value#pay";
        let expected = json!({
            "beta": true,
            "appId": "wx0000000000000001",
            "timestamp": 1_414_587_457,
            "nonceStr": "Wm3WZYTPz0wzccnW",
            "signature": "0f9de62fce790f9a083d5c99e95740ceb90c27ed",
            "jsApiList": ["getH5PrepayRequest"],
        });
        assert_eq!(config("wx0000000000000001", ticket, page, 1_414_587_457, "Wm3WZYTPz0wzccnW"), expected);
    }
}
