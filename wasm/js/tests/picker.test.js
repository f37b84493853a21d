import assert from "node:assert/strict";
import { before, test } from "node:test";

import * as checkout from "../../dist/index.js";
import { coreModule } from "./page.js";

const METHODS = [
  "dotwallet_autopay", "dotwallet_order", "jubao_wechat_h5", "jubao_alipay_wap", "jubao_channel", "blueocean_alipay_qrcode",
  "blueocean_wechat_qrcode", "blueocean_mixed_qrcode", "blueocean_unionpay_qrcode", "blueocean_alipay_wap",
  "blueocean_unionpay_link", "blueocean_wechat_mweb", "blueocean_wechat_jsapi", "blueocean_wechat_hk_jsapi",
  "blueocean_alipay_app", "blueocean_wechat_app", "blueocean_micropay", "hicoin_h5", "hicoin_jsapi",
];
const ENVIRONMENTS = ["wechat", "alipay", "unionpay", "mobile", "desktop"];

before(() => checkout.load({ wasmUrl: coreModule() }));

const reasons = async (environment) =>
  Object.fromEntries((await checkout.pickMethods(METHODS, { environment })).map(({ type, reason }) => [type, reason]));

test("what fits comes first, else the merchant's order stays, and what the merchant gave comes back as it was", async () => {
  const methods = [
    { type: "jubao_wechat_h5", account: "shop" },
    { type: "blueocean_wechat_jsapi", account: "hk" },
    { type: "blueocean_alipay_wap", account: "hk" },
    { type: "dotwallet_order", account: "wallet" },
  ];
  const picks = await checkout.pickMethods(methods, { environment: "wechat" });
  assert.deepEqual(picks.map(({ type }) => type), [
    "blueocean_wechat_jsapi", "dotwallet_order", "jubao_wechat_h5", "blueocean_alipay_wap",
  ]);
  assert.equal(picks[0].method, methods[1]);
  assert.deepEqual(picks[0], {
    method: methods[1], type: "blueocean_wechat_jsapi", fits: true, works: true, openIn: null, reason: null, message: null,
  });
  assert.deepEqual(
    picks.slice(2).map(({ fits, works, openIn, reason }) => ({ fits, works, openIn, reason })),
    [
      { fits: false, works: false, openIn: "browser", reason: "wechat_refuses_wechat_h5" },
      { fits: false, works: false, openIn: "browser", reason: "wechat_refuses_alipay" },
    ],
  );
  assert.match(picks[3].message.en, /Alipay/);
  assert.match(picks[3].message.zh, /支付宝/);
});

test("agrees with the core about every method everywhere, and has a reason where one does not fit, and only there", async () => {
  for (const environment of ENVIRONMENTS) {
    const picks = await checkout.pickMethods(METHODS, { environment });
    assert.equal(picks.length, METHODS.length);
    for (const { type, fits, works, openIn, reason, message } of picks) {
      const where = `${type} in ${environment}`;
      const place = checkout.betterPlace(type, environment);
      assert.equal(fits, checkout.methodFits(type, environment), where);
      assert.equal(works, place?.required !== true, where);
      assert.equal(openIn, place?.open ?? null, where);
      const mayExplain = !fits || type.startsWith("hicoin_");
      assert.equal(reason !== null, mayExplain, where);
      assert.equal(message !== null, mayExplain, where);
    }
  }
});

test("the reason is the one that the payer can do something about", async () => {
  const [wechat, alipay, mobile, desktop] = await Promise.all(["wechat", "alipay", "mobile", "desktop"].map(reasons));
  assert.equal(wechat.blueocean_alipay_qrcode, "needs_other_wallet");
  assert.equal(alipay.blueocean_wechat_mweb, "needs_browser");
  assert.equal(mobile.blueocean_wechat_qrcode, "needs_second_screen");
  assert.equal(mobile.blueocean_wechat_jsapi, "wechat_only");
  assert.equal(mobile.hicoin_h5, "needs_hicoin_app");
  assert.equal(desktop.jubao_wechat_h5, "needs_phone");
  assert.equal(desktop.blueocean_wechat_app, "needs_shop_app");
  assert.equal(desktop.blueocean_mixed_qrcode, null);
});

test("a page that knows that it is in the Hicoin application gets Hicoin's methods first", async () => {
  const picks = await checkout.pickMethods(METHODS, { environment: "hicoin" });
  const fitting = picks.filter(({ fits }) => fits).map(({ type, reason }) => [type, reason]);
  assert.deepEqual(fitting, [["blueocean_micropay", null], ["hicoin_h5", null], ["hicoin_jsapi", null]]);
  const { openIn, reason, works } = picks.find(({ type }) => type === "jubao_alipay_wap");
  assert.deepEqual([openIn, reason, works], ["browser", "outside_hicoin", true], "it may work, and the browser is sure");
  assert.equal(picks.find(({ type }) => type === "blueocean_wechat_jsapi").reason, "wechat_only");
});

test("a method of a later version fits nowhere that is known, and nothing breaks", async () => {
  const [pick] = await checkout.pickMethods(["of_a_later_version"], { environment: "mobile" });
  assert.deepEqual([pick.fits, pick.works, pick.reason], [false, false, "unknown_method"]);
});

test("without a place given, the page's own is looked at", async () => {
  const [pick] = await checkout.pickMethods(["jubao_wechat_h5"]);
  assert.equal(pick.reason, "needs_phone", "Node is taken for a computer");
});
