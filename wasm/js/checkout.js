/** Keeps a payment and a screen together, from the first look at it to its end. What a screen says is decided by `panel`. */

const UNDER_WAY = new Set(["confirming", "invoking", "returning", "following"]);

/** States in which no money can be on its way, so that another payment may take the place of this one. */
const REPLACEABLE = new Set(["created", "requires_action", "failed", "expired", "canceled"]);

/** A shop that has not given out another payment by then is not waited for any longer. */
const RENEWAL_MS = 60_000;
/** A payer who has waited for this long for the first look is told that it is still being tried. */
const SLOW_MS = 8_000;

export class Checkout {
  constructor(screen, options, core) {
    this.screen = screen;
    this.options = options;
    this.core = core;
    this.locale = options.locale;
    /** Who is asked; kept for a payment that takes the place of this one. */
    this.signer = options.signer ?? core.resumable()?.signer;
    this.ending = new AbortController();
    options.signal?.addEventListener("abort", () => this.end(), { signal: this.ending.signal });
    /** Where the payment had better be opened, if not here: `{open, required}`. */
    this.place = null;
    this.payment = null;
    this.outcome = null;
    this.error = null;
    /** The time that was counted down to its end. */
    this.over = null;
    /** Goes up when whatever was waited for is of no interest any more. */
    this.turn = 0;
    this.isStarting = false;
    this.isSlow = false;
    this.isRunning = false;
    this.isRenewing = false;
    this.wasUnshowable = false;
    this.isOver = false;
    screen.act = (does, until) => this.act(does, until);
  }

  begin() {
    for (const event of ["online", "offline"]) {
      addEventListener(event, () => this.show(), { signal: this.ending.signal });
    }
    this.start(this.options.autoConfirm);
  }

  /** Finds the payment and goes on where it stands. */
  async start(confirms) {
    if (this.isStarting) return;
    this.isStarting = true;
    this.isSlow = false;
    this.wasUnshowable = false;
    this.error = null;
    this.show();
    const slow = setTimeout(() => {
      this.isSlow = true;
      this.show();
    }, SLOW_MS);
    try {
      const resumed = this.isResumable();
      this.payment = resumed ? await this.resumed() : await this.opened();
      if (this.isOver) return;
      this.found(resumed, confirms);
    } catch (error) {
      this.failed(error);
    } finally {
      clearTimeout(slow);
      this.isStarting = false;
    }
    this.show();
    if (this.error?.code === "unauthorized") this.ended({ status: "unauthorized", view: null });
  }

  found(resumed, confirms) {
    const { payment } = this;
    this.locale ??= payment.locale;
    payment.on("change", (view, state) => payment === this.payment && this.changed(view, state));
    const { status, method } = payment.view;
    this.place = this.core.betterPlace(method.type);
    if (resumed || (status !== "created" && payment.step !== "closed") || this.isElsewhere(method)) {
      this.follow();
    } else if (status === "created" && confirms) {
      this.confirm();
    }
  }

  /** Whether it is for another page, or for the till, to go on: then there is nothing to do here but watch. */
  isElsewhere(method) {
    return this.place?.required === true || method.type === "blueocean_micropay";
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
    const turn = ++this.turn;
    this.isRunning = true;
    this.outcome = null;
    this.error = null;
    let [outcome, error] = [null, null];
    try {
      outcome = await wait();
    } catch (reason) {
      error = reason;
    }
    if (turn !== this.turn) return;
    this.isRunning = false;
    this.outcome = outcome;
    if (error !== null) this.failed(error);
    if (outcome?.openIn) this.place = { open: outcome.openIn, required: true };
    this.show();
    if (outcome === null) return;
    this.ended(outcome);
    // The payer may open it there, and this page may see how that goes.
    if (outcome.status === "wrong_environment" && !this.isOver) this.follow();
  }

  follow() {
    this.run(() => this.payment.follow());
  }

  /** Asks now: a question that is held open is dropped for a new one. */
  check() {
    this.drop();
    this.follow();
  }

  /** Forgets what is waited for; its end is nobody's any more. */
  drop() {
    this.turn += 1;
    this.isRunning = false;
    this.payment?.abort();
  }

  failed(error) {
    this.error = error;
    if (error?.name !== "AbortError") this.tell(error);
  }

  /** The payer reads what they can do; the page's author reads what went wrong. */
  tell(error) {
    if (this.isOver) return;
    if (this.options.onError) this.options.onError(error);
    else console.warn(`checkout: ${error?.code ?? error?.name}: ${error?.message}`);
  }

  ended(outcome) {
    if (!this.isOver) this.options.onOutcome?.(outcome);
  }

  changed(view, state) {
    if (this.isOver) return;
    // Back from another page by the back button: the flow has taken up again by itself.
    if (UNDER_WAY.has(state.step)) this.follow();
    this.show();
    this.options.onChange?.(view, state);
  }

  act(does, until) {
    switch (does) {
      case "confirm":
        return this.confirm();
      case "follow":
        return this.check();
      case "proceed":
        return this.payment.proceed();
      case "reload":
        return this.start(this.options.autoConfirm);
      case "renew":
        return this.renew(false);
      // Who asks for a new code has decided to pay.
      case "renew_code":
        return this.renew(true);
      case "over":
        this.over = until;
        return this.show();
    }
  }

  confirm() {
    const wait = () => this.payment.confirm({ holdConsent: true });
    // A wait that is under way hears of the same end, or of the same error.
    if (this.isRunning) wait().catch(() => {});
    else this.run(wait);
  }

  /** Asks the shop for another payment and opens it in the place of this one, unless this one moves meanwhile. */
  async renew(confirms) {
    if (this.isRenewing || this.isOver) return;
    this.isRenewing = true;
    this.show();
    // What is known of this payment may be some seconds old.
    if (this.isRunning) this.check();
    const next = await this.renewal();
    this.isRenewing = false;
    if (this.isOver) return;
    const status = this.payment?.view.status;
    if (status !== undefined && this.outcome?.status !== "unauthorized" && !REPLACEABLE.has(status)) return this.show();
    if (next === null) {
      this.error = { code: "renew_failed" };
      return this.show();
    }
    this.drop();
    this.options = { ...this.options, ...next, resume: false };
    this.payment = this.outcome = this.place = this.over = null;
    this.start(confirms || this.options.autoConfirm);
  }

  /** What the shop gives out, and nothing else of its answer; `null` when it is no payment. The payer may ask again. */
  async renewal() {
    let timer;
    const tooLong = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error("renew() has given out nothing in time")), RENEWAL_MS);
    });
    try {
      const { signer, paymentId, clientSecret } = await Promise.race([this.options.renew(), tooLong]);
      const parts = { signer: signer || this.signer, paymentId, clientSecret };
      const missing = Object.keys(parts).find((name) => typeof parts[name] !== "string" || parts[name] === "");
      if (missing === undefined) return parts;
      throw new Error(`renew() has given out no ${missing}`);
    } catch (reason) {
      this.tell(this.core.failure("renew_failed", `no other payment: ${reason?.message ?? reason}`, reason));
      return null;
    } finally {
      clearTimeout(timer);
    }
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
    try {
      this.screen.show(this.core.panel(this.state()));
    } catch (error) {
      this.unshowable(error);
    }
  }

  /** Something in the payment is not as the signer sends it. What it came to is told all the same; it is only not shown. */
  unshowable(error) {
    if (this.wasUnshowable) return;
    this.wasUnshowable = true;
    this.tell(this.core.failure("unreadable", error.message, error));
    this.screen.show(this.core.panel({ ...this.state(), view: undefined, pageUrl: undefined, error: "unreadable" }));
  }

  state() {
    const { core, payment, options } = this;
    return {
      locale: String(this.locale ?? globalThis.navigator?.language ?? "en"),
      environment: core.environment(),
      view: payment?.view,
      step: payment?.step ?? "opening",
      connected: payment?.connected ?? !this.isSlow,
      online: globalThis.navigator?.onLine !== false,
      bridge: payment?.bridge,
      place: this.place,
      pageUrl: options.pageUrl ?? globalThis.location?.href,
      inMiniProgram: core.inMiniProgram(),
      outcome: this.outcome?.status,
      error: this.error === null ? undefined : (this.error.code ?? "unknown"),
      renewable: typeof options.renew === "function",
      renewing: this.isRenewing,
      over: this.over,
    };
  }
}
