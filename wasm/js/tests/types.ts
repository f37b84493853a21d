/** What the types accept and refuse; checked by the compiler, never run. */
import * as checkout from "@countersign/checkout";
import type { CheckoutError, Outcome, Payment, PaymentView } from "@countersign/checkout";

export async function accepted(element: HTMLElement): Promise<void> {
  await checkout.load();
  await checkout.load({ wasmUrl: new URL("https://cdn.example/checkout_core_bg.wasm") });
  await checkout.load({ wasmUrl: fetch("/checkout_core.wasm", { integrity: "sha384-…" }) });
  const payment: Payment = await checkout.open({
    signer: "https://pay.example", paymentId: "pay_1", clientSecret: "cs_1", locale: "zh-CN", signal: new AbortController().signal,
  });
  const off: () => void = payment.on("change", (view, { step, connected }) => console.log(view.status, step, connected));
  off();
  const outcome: Outcome = await payment.confirm({ signal: AbortSignal.timeout(1000) });
  switch (outcome.status) {
    case "succeeded":
      console.log(outcome.view.amount.value);
      break;
    case "failed":
      console.log(outcome.failure?.message.zh);
      break;
    case "expired": case "canceled": case "refunded": case "review": case "redirecting":
    case "aborted": case "unsupported": case "unauthorized": case "pending":
      break;
    case "wrong_environment":
      console.log(outcome.openIn === "browser", outcome.view.id);
      break;
    default: {
      const nothingLeft: never = outcome;
      console.log(nothingLeft);
    }
  }
  const resumed: Payment | null = await checkout.resume();
  const found: { signer: string; paymentId: string } | null = checkout.resumable();
  console.log(resumed, found);
  const mounted = await checkout.mount(element, {
    signer: "https://pay.example", paymentId: "pay_1", clientSecret: "cs_1", autoConfirm: true, onOutcome: (end) => console.log(end.status),
  });
  mounted.setLocale("en");
  mounted.setAppearance("dark");
  mounted.unmount();
  await checkout.mount(element, { resume: true });
  await checkout.mount(element, { resume: true, appearance: "auto", renew: async () => ({ paymentId: "pay_2", clientSecret: "cs_2" }) });
  if (payment.view.next_action?.type === "hicoin_h5") {
    const url: string = checkout.hicoinPaymentUrl(payment.view.next_action);
    console.log(url, checkout.methodFits("hicoin_h5", checkout.environment()));
  }
  const action = payment.view.next_action;
  if (action?.type === "wechat_jsapi" || action?.type === "wechat_hk_jsapi") {
    const word: "ok" | "cancel" | "fail" | "unknown" | "missing" = await checkout.invokeBridge(action, {
      jweixinUrl: true, readyMs: 1000, onResult: (result) => console.log(result),
    });
    console.log(word, payment.bridge === "cancel");
  }
  const better: checkout.BetterPlace | null = checkout.betterPlace("jubao_wechat_h5");
  console.log(better?.open, better?.required, checkout.inMiniProgram());
  payment.on("change", (_, state) => console.log(state.bridge === "ok", state.step === "invoking"));
  const picks = await checkout.pickMethods([{ type: "jubao_wechat_h5", account: "shop" }, { type: "hicoin_h5", account: "coin" }]);
  for (const { method, fits, openIn, reason, message } of picks) {
    const account: string = method.account;
    console.log(account, fits, openIn === "browser", reason === "wechat_only", message?.zh);
  }
  const byName: checkout.MethodPick<"hicoin_h5">[] = await checkout.pickMethods(["hicoin_h5"], { environment: "hicoin" });
  console.log(byName);
  const svg: string = await checkout.qrSvg("text");
  console.log(svg);
}

export function refused(payment: Payment, view: PaymentView, element: HTMLElement, error: CheckoutError): void {
  // @ts-expect-error the secret is missing
  checkout.open({ signer: "https://pay.example", paymentId: "pay_1" });
  // @ts-expect-error no source of a module
  checkout.load({ wasmUrl: 7 });
  // @ts-expect-error there is no such event
  payment.on("paid", () => {});
  // @ts-expect-error there is no such method
  checkout.methodFits("paypal", "mobile");
  // @ts-expect-error a method has a name
  checkout.pickMethods([{ account: "shop" }]);
  // @ts-expect-error a view is read only
  view.status = "succeeded";
  // @ts-expect-error a payment or resume: true
  checkout.mount(element, { locale: "en" });
  // @ts-expect-error another payment needs a secret of its own
  checkout.mount(element, { resume: true, renew: async () => ({ paymentId: "pay_2" }) });
  // @ts-expect-error there are two, and the device's own
  checkout.mount(element, { resume: true, appearance: "sepia" });
  // @ts-expect-error another action's parts
  checkout.hicoinPaymentUrl({ type: "dotwallet_set_pay_config", page_url: "", app_id: "", redirect_uri: "" });
  // @ts-expect-error an address to go to is no bridge
  checkout.invokeBridge({ type: "redirect", purpose: "pay", url: "" });
  // @ts-expect-error only one outcome says where to go
  payment.confirm().then((outcome) => outcome.openIn);
  // @ts-expect-error no outcome is called paid
  payment.confirm().then((outcome) => outcome.status === "paid");
  console.log(error.code === "wasm_blocked", error.message);
}
