/** Keeps a payment and a screen together, from the first look at it to its end. What a screen says is decided by `panel`. */

const UNDER_WAY = new Set(["confirming", "invoking", "returning", "following"]);

/** Who in this page submits which payment by itself: mounted twice, it is submitted once. */
const submitting = new Map();

export class Checkout {
  constructor(screen, options, core) {
    this.screen = screen;
    this.options = options;
    this.core = core;
    this.locale = options.locale;
    /** Who is asked; kept for a payment that takes the place of this one. */
    this.signer = options.signer ?? core.resumable()?.signer;
    this.ending = new AbortController();
    const { signal } = this.ending;
    options.signal?.addEventListener("abort", () => this.ending.abort(), { signal });
    if (options.signal?.aborted) this.ending.abort();
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
    this.isRunning = false;
    this.isRenewing = false;
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
    this.error = null;
    this.show();
    try {
      const resumed = this.isResumable();
      this.payment = resumed ? await this.resumed() : await this.opened();
      if (this.isOver) return;
      this.found(resumed, confirms);
    } catch (error) {
      this.error = error;
    } finally {
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
      this.submit();
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
    this.error = error;
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

  /** Confirms unpressed, if nobody else in this page does so already. */
  submit() {
    const { id } = this.payment;
    if (submitting.has(id)) return this.follow();
    submitting.set(id, this);
    this.confirm();
  }

  /** Asks the shop for another payment and opens it in the place of this one. */
  async renew(confirms) {
    if (this.isRenewing || this.isOver) return;
    this.isRenewing = true;
    this.show();
    let next = null;
    try {
      next = await this.options.renew();
    } catch {
      // The payer is told, and may ask again; the shop knows what it threw.
    }
    this.isRenewing = false;
    if (this.isOver) return;
    // Paid in the last moment: then there is nothing more to pay.
    if (["succeeded", "review"].includes(this.payment?.view.status)) return this.show();
    if (!next?.paymentId || !next.clientSecret) {
      this.error = { code: "renew_failed" };
      return this.show();
    }
    this.drop();
    this.options = { ...this.options, signer: this.signer, ...next, resume: false };
    this.payment = this.outcome = this.place = this.over = null;
    this.start(confirms || this.options.autoConfirm);
  }

  setLocale(locale) {
    this.locale = locale;
    this.show();
  }

  end() {
    if (this.isOver) return;
    this.isOver = true;
    if (submitting.get(this.payment?.id) === this) submitting.delete(this.payment.id);
    this.ending.abort();
    this.payment?.abort();
    this.screen.remove();
  }

  show() {
    if (this.isOver) return;
    const { core, payment, options } = this;
    this.screen.show(
      core.panel({
        locale: this.locale ?? globalThis.navigator?.language ?? "en",
        environment: core.environment(),
        view: payment?.view,
        step: payment?.step ?? "opening",
        connected: payment?.connected ?? true,
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
      }),
    );
  }
}
