//! WeChat's signatures: `name=value` sorted by name and joined by `&`, empty values left out, hashed with a key at the
//! end; and that of its page script, over a ticket.

use md5::{Digest as _, Md5};
use sha1::Sha1;

use crate::gateways::hexadecimal;

/// Signs what the app is handed for a payment: MD5, upper-case.
pub(crate) fn md5_sign(members: &[(&str, String)], key: &str) -> String {
    hexadecimal::upper(&Md5::digest(with_key(members, key)))
}

/// Signs what the Hong Kong wallet is handed. How that is really done is published nowhere; merchants pass it through.
pub(crate) fn sha1_sign(members: &[(&str, String)], key: &str) -> String {
    hexadecimal::lower(&Sha1::digest(with_key(members, key)))
}

/// Signs a page for the page script; the address is taken without its fragment.
pub(super) fn ticket_sign(ticket: &str, nonce_str: &str, timestamp: &str, url: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    let text = format!("jsapi_ticket={ticket}&noncestr={nonce_str}&timestamp={timestamp}&url={url}");
    hexadecimal::lower(&Sha1::digest(text))
}

fn with_key(members: &[(&str, String)], key: &str) -> String {
    let mut filled: Vec<_> = members.iter().filter(|(_, value)| !value.is_empty()).collect();
    filled.sort();
    let pairs: String = filled.iter().map(|(name, value)| format!("{name}={value}&")).collect();
    format!("{pairs}key={key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_payload_comes_out() {
        let members = [
            ("appId", "wxd678efh567hg6787"),
            ("timeStamp", "1490840662"),
            ("nonceStr", "5K8264ILTKCH16CQ2502SI8ZNMTM67VS"),
            ("package", "prepay_id=wx2017033010242291fcfe0db70013231072"),
            ("signType", "MD5"),
            ("empty", ""),
        ]
        .map(|(name, value)| (name, value.to_owned()));
        assert_eq!(
            md5_sign(&members, "qazwsxedcrfvtgbyhnujmikolp111111"),
            "22D9B4E54AB1950F51E0649E8810ACD6"
        );
    }

    #[test]
    fn the_published_page_comes_out_and_a_fragment_is_no_part_of_it() {
        let ticket = "sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg";
        for url in ["http://mp.weixin.qq.com?params=value", "http://mp.weixin.qq.com?params=value#pay"] {
            assert_eq!(
                ticket_sign(ticket, "Wm3WZYTPz0wzccnW", "1414587457", url),
                "0f9de62fce790f9a083d5c99e95740ceb90c27ed"
            );
        }
    }
}
