import type { ReactElement } from "react";
import type { CheckoutError, MountOptions } from "./index.js";

type Without<Options, Names extends PropertyKey> = Options extends unknown ? Omit<Options, Names> : never;

/** The options of `mount`; the component's own end takes the place of `signal`. */
export type CheckoutProps = Without<MountOptions, "signal"> & {
  /** Of the element around the interface. */
  className?: string | undefined;
  /** The interface cannot be loaded, or there is nothing to resume. */
  onError?(error: CheckoutError): void;
};

/**
 * The ready-made interface in an element of its own. Another payment mounts anew; a changed `locale` or `appearance` is
 * shown at once; functions are called as they were last given; everything else is read when it mounts. Rendered on a
 * server it is an empty element.
 */
export function Checkout(props: CheckoutProps): ReactElement;
