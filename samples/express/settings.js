/** Everything that differs between machines comes from the environment; nothing secret is in a file. */

function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`the environment variable ${name} is missing`);
  return value;
}

const withoutSlash = (url) => url.replace(/\/+$/, "");

export const settings = {
  /** The signer, as this backend reaches it. */
  signerUrl: withoutSlash(required("COUNTERSIGN_URL")),
  /** The signer, as the payer's browser reaches it. */
  signerPublicUrl: withoutSlash(process.env.COUNTERSIGN_PUBLIC_URL ?? required("COUNTERSIGN_URL")),
  apiKey: required("COUNTERSIGN_API_KEY"),
  webhookSecret: required("WEBHOOK_SECRET"),
  /** This shop, as the payer's browser reaches it. */
  publicUrl: withoutSlash(required("PUBLIC_URL")),
  account: process.env.ACCOUNT ?? "hk",
  method: process.env.METHOD ?? "blueocean_alipay_qrcode",
  database: process.env.DATABASE ?? "orders.db",
  port: Number(process.env.PORT ?? 8790),
  /** The folder `dist` of the npm package `@countersign/checkout`. */
  checkoutDir: process.env.CHECKOUT_DIR ?? new URL("../../wasm/dist", import.meta.url).pathname,
};
