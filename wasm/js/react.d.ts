import type { ReactElement } from "react";
import type { CheckoutError, MountOptions } from "./index.js";

type Without<Options, Names extends PropertyKey> = Options extends unknown ? Omit<Options, Names> : never;

/** The options of `mount`; the component's own end takes the place of `signal`. */
export type CheckoutProps = Without<MountOptions, "signal" | "onError"> & {
  /** Of the element around the interface. */
  className?: string | undefined;
  /** As for `mount`, and what that rejects with: the interface cannot be loaded, or there is nothing to resume. */
  onError?: ((error: CheckoutError) => void) | undefined;
};

/**
 * The ready-made interface in an element of its own. Another payment mounts anew; a changed `locale` or `appearance` is
 * shown at once; functions are called as they were last given; everything else is read when it mounts. Rendered on a
 * server it is an empty element.
 */
export function Checkout(props: CheckoutProps): ReactElement;
