/** Where a payment stands. Only `succeeded` means paid. A later version of the signer may add words. */
export type PaymentStatus =
  | "created"
  | "requires_action"
  | "processing"
  | "succeeded"
  | "failed"
  | "expired"
  | "canceled"
  | "refunded"
  | "review";

/** A way to pay at a gateway; the part before the first `_` is the gateway. */
export type MethodType =
  | "dotwallet_autopay"
  | "dotwallet_order"
  | "jubao_wechat_h5"
  | "jubao_alipay_wap"
  | "jubao_channel"
  | "blueocean_alipay_qrcode"
  | "blueocean_wechat_qrcode"
  | "blueocean_mixed_qrcode"
  | "blueocean_unionpay_qrcode"
  | "blueocean_alipay_wap"
  | "blueocean_unionpay_link"
  | "blueocean_wechat_mweb"
  | "blueocean_wechat_jsapi"
  | "blueocean_wechat_hk_jsapi"
  | "blueocean_alipay_app"
  | "blueocean_wechat_app"
  | "blueocean_micropay"
  | "hicoin_h5"
  | "hicoin_jsapi";

/** The application that shows the page; `mobile` and `desktop` are ordinary browsers. */
export type Environment = "wechat" | "alipay" | "unionpay" | "mobile" | "desktop";

/** The payer has to allow automatic payments; `dotwalletSetPayConfigUrl` makes the address of that page. */
export interface DotwalletSetPayConfigAction {
  type: "dotwallet_set_pay_config";
  page_url: string;
  app_id: string;
  redirect_uri: string;
}

/** The parts of Hicoin's payment page; `hicoinPaymentUrl` puts them together. */
export interface HicoinH5Action {
  type: "hicoin_h5";
  page_url: string;
  app_id: string;
  time_stamp: string;
  nonce_str: string;
  /** `prepay_id%3D…`: encoded once, and it stays as it is. */
  package: string;
  sign_type: string;
  pay_sign: string;
}

/** Performed by WeChat's bridge, inside WeChat only. */
export interface WechatJsapiAction {
  type: "wechat_jsapi";
  /** What the bridge takes, as the gateway signed it. */
  payload: unknown;
}

/** Performed by WeChat's script for its Hong Kong wallet, inside WeChat only. */
export interface WechatHkJsapiAction {
  type: "wechat_hk_jsapi";
  /** What the wallet takes, as the gateway signed it. */
  payload: unknown;
  /** For `wx.config`; `null` when the signer is not set up for it, and the page calls `wx.config` itself. */
  config: unknown;
}

/** What the payer has to do now. `confirm` performs all of them but the code, which is shown, and `native_app`. */
export type NextAction =
  | { type: "redirect"; purpose: "pay" | "login"; url: string }
  | DotwalletSetPayConfigAction
  | HicoinH5Action
  | WechatJsapiAction
  | WechatHkJsapiAction
  | { type: "qr_code"; text: string; expires_at: string }
  | { type: "native_app"; platform: "alipay" | "wechat"; payload: unknown };

/** Why a payment was refused, or what is in doubt. */
export interface Failure {
  /** The signer's name for the cause, the same at every gateway: `docs/errors.md` has them all. */
  code: string;
  /** The gateway's own code. */
  gateway_code: string | null;
  /** A sentence for the payer. */
  message: { en: string; zh: string };
  /** What may help: the same again, waiting, consent, the payer, the merchant, or nothing. */
  class: "retry" | "query" | "reauthorize" | "payer" | "configuration" | "final";
}

/** The payer's view of a payment, as the signer sends it. */
export interface PaymentView {
  readonly id: string;
  /** The merchant's own number. */
  readonly order_id: string;
  /** `value` in minor units: 1/100 of CNY and HKD, 10⁻⁸ of BSV, USDT and other coins. */
  readonly amount: { readonly value: number; readonly currency: string };
  readonly subject: string;
  readonly method: { readonly type: MethodType };
  readonly status: PaymentStatus;
  /** Goes up with every change. */
  readonly revision: number;
  /** What the payer has to do, if anything. */
  readonly next_action: NextAction | null;
  readonly failure: Failure | null;
  /** Where gateways send the payer back to. */
  readonly return_url: string | null;
  /** In UTC, as `2026-11-22T01:00:00Z`. */
  readonly expires_at: string;
  /** `false` in the signer's sandbox mode, where no money moves. */
  readonly livemode: boolean;
}
