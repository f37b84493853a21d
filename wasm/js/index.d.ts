import type {
  MethodType, Environment, DotwalletSetPayConfigAction, HicoinH5Action, WechatJsapiAction, WechatHkJsapiAction, Failure, PaymentView,
} from "./view.js";

export * from "./view.js";

/**
 * What this page is doing: `consent` waits for `proceed()`, `invoking` called WeChat's bridge and waits for its word,
 * `closed` has nothing more to wait for.
 */
export type Step =
  | "opening"
  | "ready"
  | "confirming"
  | "consent"
  | "leaving"
  | "invoking"
  | "returning"
  | "following"
  | "closed";

/** What WeChat's bridge said. `ok` is no proof of a payment, and after `cancel` an `ok` may follow. */
export type BridgeResult = "ok" | "cancel" | "fail" | "unknown";

/** Where a method works better than here. */
export interface BetterPlace {
  readonly open: Place;
  /** When the method does not work here at all; the signer refuses it then, too. */
  readonly required: boolean;
}

/** `browser` is the phone's own, `app` the shop's own. */
export type Place = "browser" | "wechat" | "alipay" | "unionpay" | "phone" | "app";

/**
 * How it ended in this page.
 *
 * - `failed`: refused, `failure` says why. Also when the payer came back from consent or login without it; then
 *   `view.status` still is `requires_action` and `proceed()` leads there once more.
 * - `redirecting`: the browser is on its way to another page; `resume()` takes up there.
 * - `aborted`: waiting was given up; the payment itself goes on.
 * - `unsupported`: this page cannot perform `view.next_action`: a native application has to (`native_app`; its shell
 *   takes the payload from here or from the change event), a mini program has to, or WeChat's bridge is missing. Also
 *   for a payment that the till submits. `follow()` watches it all the same.
 * - `wrong_environment`: the method does not work where this page is open; `openIn` says where it does. Nothing was
 *   submitted. `follow()` watches the payment while the payer opens it there.
 * - `unauthorized`: the client secret does not open the payment, or no longer.
 * - `pending`: nothing final was learnt in the time there was; `follow()` takes up again.
 */
export type OutcomeStatus =
  | "succeeded"
  | "failed"
  | "expired"
  | "canceled"
  | "refunded"
  | "review"
  | "redirecting"
  | "aborted"
  | "unsupported"
  | "wrong_environment"
  | "unauthorized"
  | "pending";

/** An end: its `status`, the payment as last seen, and what goes with that status. */
export type Outcome = {
  [Status in OutcomeStatus]: {
    readonly status: Status;
    /** As last seen; `null` only where a secret did not open the payment in the first place. */
    readonly view: Status extends "unauthorized" ? PaymentView | null : PaymentView;
    readonly failure?: Failure;
  } & (Status extends "wrong_environment" ? { readonly openIn: Place } : unknown);
}[OutcomeStatus];

/** What a change event tells beside the payment. */
export interface ChangeState {
  readonly step: Step;
  /** `false` while the signer cannot be reached and is tried again. */
  readonly connected: boolean;
  /** What WeChat's bridge said since the payer last pressed. */
  readonly bridge?: BridgeResult;
}

/** How to see a payment through. */
export interface ConfirmOptions {
  /** Ends the waiting with the outcome `aborted`. */
  signal?: AbortSignal | undefined;
  /**
   * Wait at the step `consent` for `proceed()` before the payer is sent away to allow automatic payments; not when they
   * have just been away to log in.
   */
  holdConsent?: boolean | undefined;
}

/** One payment in this page. */
export interface Payment {
  readonly id: string;
  readonly view: PaymentView;
  readonly step: Step;
  readonly connected: boolean;
  /** What WeChat's bridge said since the payer last pressed. */
  readonly bridge: BridgeResult | undefined;
  /** The language asked for when it was opened, also after a redirect. */
  readonly locale: string | undefined;
  /** Calls `listener` with every change until the returned function is called. */
  on(event: "change", listener: (view: PaymentView, state: ChangeState) => void): () => void;
  /** Submits the payment, performs what the payer has to do, and sees it through. Pressing twice is one submission. */
  confirm(options?: ConfirmOptions): Promise<Outcome>;
  /** Watches the payment to its end. */
  follow(options?: { signal?: AbortSignal }): Promise<Outcome>;
  /** Performs the present next action: goes to its page, or calls WeChat's bridge, again if need be. */
  proceed(): void;
  /** Stops waiting. */
  abort(): void;
}

/**
 * The errors of this package have a `code`: one of these, or a problem code of the signer.
 * An aborted `open` or `resume` rejects with an error named `AbortError`.
 */
export interface CheckoutError extends Error {
  readonly name: "CheckoutError";
  readonly code: CheckoutErrorCode | (string & {});
}

/** The codes of this package's own; the README says what to do about each. */
export type CheckoutErrorCode =
  | "not_loaded"
  | "wasm_missing"
  | "wasm_blocked"
  | "wasm_timeout"
  | "wasm_failed"
  | "invalid_options"
  | "nothing_to_resume"
  | "unauthorized"
  | "refused"
  | "unavailable"
  | "unreachable"
  | "unreadable"
  | "renew_failed";

/** Where a module lies, or the module itself. `fetch(url, { integrity })` makes the browser check what it gets. */
export type WasmSource = string | URL | Response | PromiseLike<Response> | BufferSource | (WebAssembly.Module & object);

/** Where the core module comes from. */
export interface LoadOptions {
  /** The core module, for bundlers that do not follow `new URL(…, import.meta.url)`. */
  wasmUrl?: WasmSource | undefined;
}

/** Which payment, and how to speak to its payer. */
export interface OpenOptions {
  /** The signer's public address. */
  signer: string;
  paymentId: string;
  clientSecret: string;
  /** A BCP 47 language tag; kept over redirects. */
  locale?: string | undefined;
  signal?: AbortSignal | undefined;
  jweixinUrl?: JweixinUrl | undefined;
}

/**
 * Where to load WeChat's script for `wechat_hk_jsapi` from, if the page has not loaded it by then: an address, or `true`
 * for the one that the gateway's document names, `https://res.wx.qq.com/open/js/jweixin-1.2.0.js`. The page's
 * `script-src` must allow it. Without it nothing is loaded.
 */
export type JweixinUrl = string | boolean;

/** How to take a payment up again. */
export interface ResumeOptions extends ConfirmOptions {
  jweixinUrl?: JweixinUrl | undefined;
}

/** How `mount` shows a payment. */
export interface MountBehaviour extends LoadOptions {
  /** A BCP 47 language tag; Chinese for `zh…`, else English. By default the browser's language. */
  locale?: string | undefined;
  /** Takes the interface away again, as `unmount` does, at whatever time. */
  signal?: AbortSignal | undefined;
  /** Submit at once, without the payer pressing the button. */
  autoConfirm?: boolean | undefined;
  /** Bring the style sheet along, unless the page has it already; `true` by default. */
  styles?: boolean | undefined;
  /** Light or dark; by default as the payer's device prefers. */
  appearance?: Appearance | undefined;
  /**
   * Asked for another payment when the payer wants another try after an end that cannot be taken back: expired, canceled,
   * refused for good, a code whose time is up, a secret that does not open it any more. The new payment is opened in the
   * same place. Without it no button offers that.
   */
  renew?: (() => Promise<Renewal>) | undefined;
  /** The interface's module, as `wasmUrl`. */
  uiWasmUrl?: WasmSource | undefined;
  /** Where another browser finds this payment, shown where the method does not work here; this page's address by default. */
  pageUrl?: string | undefined;
  jweixinUrl?: JweixinUrl | undefined;
  onChange?: ((view: PaymentView, state: ChangeState) => void) | undefined;
  onOutcome?: ((outcome: Outcome) => void) | undefined;
  /**
   * What kept this page from going on: also what the payer is shown as trouble, and what `renew` threw. Without it, that is
   * a warning in the console.
   */
  onError?: ((error: CheckoutError) => void) | undefined;
}

/** Light, dark, or as the payer's device prefers. */
export type Appearance = "auto" | "light" | "dark";

/** Another payment; asked for at the same signer unless it names one. */
export interface Renewal {
  signer?: string | undefined;
  paymentId: string;
  clientSecret: string;
}

/** Either a payment, or `resume: true` alone on the page that the payer comes back to. */
export type MountOptions = MountBehaviour &
  (
    | {
        signer: string;
        paymentId: string;
        clientSecret: string;
        /** Take up this payment where the payer left; `true` by default. */
        resume?: boolean;
      }
    | { resume: true; signer?: undefined; paymentId?: undefined; clientSecret?: undefined }
  );

/** An interface that is in the page. */
export interface Mounted {
  /** Takes everything away again and stops asking; the payment itself goes on. May be called twice. */
  unmount(): void;
  setLocale(locale: string): void;
  setAppearance(appearance: Appearance): void;
}

/** Loads the core module once. The other asynchronous functions do so by themselves; the synchronous ones need it. */
export function load(options?: LoadOptions): Promise<void>;

/** Looks a payment up. */
export function open(options: OpenOptions): Promise<Payment>;

/**
 * Takes up the payment that this tab was sent away for, or showed a code or a wallet for, and follows it; `null` when
 * there is none.
 */
export function resume(options?: ResumeOptions): Promise<Payment | null>;

/** Which payment `resume` would take up. Needs `load`. */
export function resumable(): { signer: string; paymentId: string } | null;

/**
 * Puts the ready-made interface into an element. Its frame is there at once; the promise resolves when it is alive. When
 * `signal` is aborted before that, nothing is left in the element, and it rejects with an `AbortError`.
 */
export function mount(element: Element, options: MountOptions): Promise<Mounted>;

/** Where this page is open. Needs `load`. */
export function environment(): Environment;

/** Whether this page is shown by a WeChat mini program, where only that can start the wallet. Needs `load`. */
export function inMiniProgram(): boolean;

/** Where a method works better than there, by default here; `null` when it fits. Needs `load`. */
export function betterPlace(type: MethodType, env?: Environment): BetterPlace | null;

/** One of the merchant's methods, as found by `pickMethods`. */
export interface MethodPick<Method = MethodType> {
  /** What was given. */
  readonly method: Method;
  readonly type: MethodType;
  /** Whether a payer can be expected to finish there. */
  readonly fits: boolean;
  /** `false` when it cannot work there at all; the signer refuses it, too. */
  readonly works: boolean;
  /** Where it works better. */
  readonly openIn: Place | null;
  /** Why it does not fit; `needs_hicoin_app` also where it does, since no page can tell whether it is in that application. */
  readonly reason: PickReason | null;
  /** The reason in words for the payer. */
  readonly message: { readonly en: string; readonly zh: string } | null;
}

export type PickReason =
  | "wechat_only"
  | "wechat_refuses_wechat_h5"
  | "wechat_refuses_alipay"
  | "needs_browser"
  | "needs_phone"
  | "needs_other_wallet"
  | "needs_second_screen"
  | "needs_shop_app"
  | "needs_hicoin_app"
  | "outside_hicoin"
  | "unknown_method";

/**
 * Which of the merchant's methods fit where the payer is, and why the others do not: those that fit first, else in the
 * order given. A method is its name, or an object of yours with its name as `type`, which comes back as it is. The
 * environment is found out; `"hicoin"`, which no page can find out, is for a page that knows that it is shown there.
 */
export function pickMethods<Method extends MethodType | { readonly type: MethodType }>(
  methods: readonly Method[],
  options?: { environment?: Environment | "hicoin" },
): Promise<MethodPick<Method>[]>;

/** Whether a payer can be expected to finish a payment by this method there. Needs `load`. */
export function methodFits(type: MethodType, env: Environment): boolean;

/** The page where the payer allows automatic payments. Needs `load`. */
export function dotwalletSetPayConfigUrl(action: DotwalletSetPayConfigAction): string;

/** Hicoin's payment page. Needs `load`. */
export function hicoinPaymentUrl(action: HicoinH5Action): string;

/** How to call WeChat's bridge. */
export interface InvokeOptions {
  jweixinUrl?: JweixinUrl | undefined;
  /** How long to wait for WeChat to put its bridge into the page; 10 s by default. */
  readyMs?: number | undefined;
  /** Hears every word: after `cancel` an `ok` may follow. */
  onResult?: ((result: BridgeResult | "missing") => void) | undefined;
}

/**
 * Calls WeChat's bridge with an action's payload, exactly as given, and resolves with its first word, or with `missing`
 * when there is no bridge. It may never resolve: some versions do not call back. Report the word to
 * `…/returned` and ask for the status; it proves nothing.
 */
export function invokeBridge(
  action: WechatJsapiAction | WechatHkJsapiAction,
  options?: InvokeOptions,
): Promise<BridgeResult | "missing">;

/** A QR code as SVG text: error correction M or better, quiet zone of 4 modules. */
export function qrSvg(text: string): Promise<string>;
