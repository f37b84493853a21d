/** The ready-made interface: keeps a payment and a screen together. What a screen says is decided by `panel`. */

import { Screen } from "./screen.js";

const UNDER_WAY = new Set(["confirming", "invoking", "returning", "following"]);

export async function mount(element, options, core) {
  if (options.paymentId === undefined && core.resumable() === null) {
    throw core.failure("nothing_to_resume", "this tab was not sent away for a payment, so name one");
  }
  await styleSheet(options);
  const screen = new Screen(element, (does) => checkout.act(does));
  const checkout = new Checkout(screen, options, core);
  checkout.watchConnection();
  checkout.start();
  return {
    unmount: () => checkout.end(),
    setLocale: (locale) => checkout.setLocale(locale),
  };
}

/** One payment, from the first look at it to its end. */
class Checkout {
  constructor(screen, options, core) {
    this.screen = screen;
    this.options = options;
    this.core = core;
    this.locale = options.locale;
    this.ending = new AbortController();
    options.signal?.addEventListener("abort", () => this.ending.abort(), { signal: this.ending.signal });
    if (options.signal?.aborted) this.ending.abort();
    /** Where the payment had better be opened, if not here: `{open, required}`. */
    this.place = null;
    this.payment = null;
    this.outcome = null;
    this.error = null;
    this.isRunning = false;
    this.isOver = false;
  }

  /** Finds the payment and goes on where it stands. */
  async start() {
    this.error = null;
    this.show();
    try {
      const resumed = this.isResumable();
      this.payment = resumed ? await this.resumed() : await this.opened();
      if (this.isOver) return;
      this.locale ??= this.payment.locale;
      this.payment.on("change", (view, state) => this.changed(view, state));
      const { status, method } = this.payment.view;
      this.place = this.core.betterPlace(method.type);
      if (resumed || (status !== "created" && this.payment.step !== "closed") || this.isElsewhere(method)) {
        this.run(() => this.payment.follow());
      } else if (status === "created" && this.options.autoConfirm) {
        this.act("confirm");
      }
    } catch (error) {
      this.error = error;
    }
    this.show();
    if (this.error?.code === "unauthorized") this.ended({ status: "unauthorized", view: null });
  }

  /** Whether it is for another page, or for the till, to go on: then there is nothing to do here but watch. */
  isElsewhere(method) {
    return this.place?.required === true || method.type === "blueocean_micropay";
  }

  watchConnection() {
    for (const event of ["online", "offline"]) {
      addEventListener(event, () => this.show(), { signal: this.ending.signal });
    }
  }

  isResumable() {
    if (this.options.resume === false) return false;
    const saved = this.core.resumable();
    return saved !== null && (this.options.paymentId === undefined || saved.paymentId === this.options.paymentId);
  }

  resumed() {
    const { jweixinUrl } = this.options;
    return this.core.resume({ signal: this.ending.signal, holdConsent: true, jweixinUrl });
  }

  opened() {
    const { signer, paymentId, clientSecret, locale, jweixinUrl } = this.options;
    return this.core.open({ signer, paymentId, clientSecret, locale, jweixinUrl, signal: this.ending.signal });
  }

  /** Waits for an end; there is one wait at a time. */
  async run(wait) {
    if (this.isRunning) return;
    this.isRunning = true;
    this.outcome = null;
    this.error = null;
    try {
      this.outcome = await wait();
    } catch (error) {
      this.error = error;
    }
    this.isRunning = false;
    if (this.outcome?.openIn) this.place = { open: this.outcome.openIn, required: true };
    this.show();
    if (this.outcome === null) return;
    this.ended(this.outcome);
    // The payer may open it there, and this page may see how that goes.
    if (this.outcome.status === "wrong_environment" && !this.isOver) this.run(() => this.payment.follow());
  }

  ended(outcome) {
    if (!this.isOver) this.options.onOutcome?.(outcome);
  }

  changed(view, state) {
    if (this.isOver) return;
    // Back from another page by the back button: the flow has taken up again by itself.
    if (UNDER_WAY.has(state.step)) this.run(() => this.payment.follow());
    this.show();
    this.options.onChange?.(view, state);
  }

  act(does) {
    switch (does) {
      case "confirm":
        return this.confirm();
      case "follow":
        return this.run(() => this.payment.follow());
      case "proceed":
        return this.payment.proceed();
      case "reload":
        return this.start();
    }
  }

  confirm() {
    const wait = () => this.payment.confirm({ holdConsent: true });
    // A wait that is under way hears of the same end, or of the same error.
    if (this.isRunning) wait().catch(() => {});
    else this.run(wait);
  }

  setLocale(locale) {
    this.locale = locale;
    this.show();
  }

  end() {
    if (this.isOver) return;
    this.isOver = true;
    this.ending.abort();
    this.payment?.abort();
    this.screen.remove();
  }

  show() {
    if (this.isOver) return;
    this.screen.show(
      this.core.panel({
        locale: this.locale ?? globalThis.navigator?.language ?? "en",
        environment: this.core.environment(),
        view: this.payment?.view ?? undefined,
        step: this.payment?.step ?? "opening",
        connected: this.payment?.connected ?? true,
        online: globalThis.navigator?.onLine !== false,
        bridge: this.payment?.bridge,
        place: this.place ?? undefined,
        pageUrl: this.options.pageUrl ?? globalThis.location?.href,
        inMiniProgram: this.core.inMiniProgram(),
        outcome: this.outcome?.status,
        error: this.error === null ? undefined : (this.error.code ?? "unknown"),
      }),
    );
  }
}

/** Links the style sheet that lies beside this file, unless the page brings one; waits for it, but not for long. */
async function styleSheet(options) {
  if (options.styles === false || document.querySelector('link[rel="stylesheet"][href*="checkout"][href$=".css"]')) return;
  const sheet = document.createElement("link");
  sheet.rel = "stylesheet";
  sheet.href = new URL("./checkout.css", import.meta.url).href;
  const loaded = new Promise((resolve) => {
    sheet.onload = sheet.onerror = resolve;
    setTimeout(resolve, 2000);
  });
  document.head.append(sheet);
  await loaded;
}
