/** One interface in an element of a wrapper, whose element may be gone again before the interface is there. */
import { mount } from "./index.js";

/**
 * Mounts into an element of its own within `box`. `latest()` gives the properties as they are by then, so that a
 * changed function is called and nothing is mounted anew. `detach()` leaves nothing behind at any time.
 */
export function attach(box, latest) {
  const leaving = new AbortController();
  const host = box.ownerDocument.createElement("div");
  box.append(host);
  let mounted;
  let shown;

  const update = () => {
    const { locale, appearance } = latest();
    if (locale !== shown.locale) mounted.setLocale(locale);
    if (appearance !== shown.appearance) mounted.setAppearance(appearance);
    shown = { locale, appearance };
  };
  // What nobody listens for shows in the console, as a promise that nobody waits for does.
  const fail = (error) => {
    const { onError } = latest();
    if (!onError) throw error;
    onError(error);
  };
  const start = async () => {
    // Strict modes attach, detach and attach at once: what is detached by now has asked for nothing.
    await null;
    if (leaving.signal.aborted) return;
    shown = latest();
    const { renew, onError } = shown;
    mounted = await mount(host, {
      ...shown,
      signal: leaving.signal,
      ...(renew && { renew: () => latest().renew() }),
      ...(onError && { onError: fail }),
      onChange: (...change) => latest().onChange?.(...change),
      onOutcome: (outcome) => latest().onOutcome?.(outcome),
    });
    if (leaving.signal.aborted) mounted.unmount();
    else update();
  };
  start().catch((error) => {
    if (!leaving.signal.aborted) fail(error);
  });

  return {
    update: () => mounted && update(),
    detach() {
      leaving.abort();
      mounted?.unmount();
      host.remove();
    },
  };
}
