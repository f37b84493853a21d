//! `docs/errors.md`: every published code of every gateway, from the tables that the signer works by.

use countersign_core::GatewayId;

use crate::gateway::{Row, blueocean, dotwallet, hicoin, jubao};

const HEAD: &str = "\
# Codes of the gateways

Written by `cargo xtask docs` from the tables in `server/src/gateway`; do not edit.

A code becomes the `failure` of a payment or refund: `gateway_code` is the gateway's own, `code` the signer's name for
the cause, the same at every gateway; `message` is for the payer, `hint` for the merchant's engineer. A code that stands
here nowhere leaves the outcome unknown (`unknown_code`, class `query`): it is looked up, and never taken for success or
failure.

| class | means |
|---|---|
| `retry` | refused; the same payment may be confirmed again |
| `query` | the outcome is not known; the signer is asking |
| `reauthorize` | the payer must consent again; nothing was charged |
| `payer` | the payer can mend it |
| `configuration` | the merchant must mend it |
| `final` | refused for good |
";

/// The whole page.
pub(crate) fn page() -> String {
    let gateways = [
        (GatewayId::Dotwallet, "DotWallet", dotwallet::CODES),
        (GatewayId::Jubao, "Jubao Pay", jubao::CODES),
        (GatewayId::Blueocean, "BlueOcean", blueocean::CODES),
        (GatewayId::Hicoin, "Hicoin", hicoin::CODES),
    ];
    let mut page = HEAD.to_owned();
    for (id, name, codes) in gateways {
        page.push_str(&format!(
            "\n## {name}\n\nSettings and traps: [{id}](gateways/{id}.md).\n\n\
             | gateway's code | `code` | class | English | Chinese | hint |\n|---|---|---|---|---|---|\n"
        ));
        for row in codes {
            page.push_str(&line(row));
        }
    }
    page
}

fn line(row: &Row) -> String {
    let cells = [
        format!("`{}`", row.gateway_code),
        format!("`{}`", row.code),
        format!("`{}`", row.class),
        row.en.to_owned(),
        row.zh.to_owned(),
        row.advice().to_owned(),
    ];
    format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_the_repository_is_the_one_these_tables_give() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/errors.md");
        let written = std::fs::read_to_string(file).unwrap_or_default();
        assert!(written == page(), "docs/errors.md is stale: run `cargo xtask docs`");
    }
}
