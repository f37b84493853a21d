import type { AllowedComponentProps, ComponentCustomProps, VNodeProps } from "vue";
import type { ChangeState, CheckoutError, MountOptions, Outcome, PaymentView } from "./index.js";

type Without<Options, Names extends PropertyKey> = Options extends unknown ? Omit<Options, Names> : never;

/** The options of `mount`; the component's own end takes the place of `signal`, and events that of its functions. */
export type CheckoutProps = Without<MountOptions, "signal" | "onChange" | "onOutcome" | "onError"> & {
  onChange?: ((view: PaymentView, state: ChangeState) => void) | undefined;
  onOutcome?: ((outcome: Outcome) => void) | undefined;
  /** As for `mount`, and what that rejects with: the interface cannot be loaded, or there is nothing to resume. */
  onError?: ((error: CheckoutError) => void) | undefined;
};

/**
 * The ready-made interface in an element of its own, with the events `change`, `outcome` and `error`. Another payment
 * mounts anew; a changed `locale` or `appearance` is shown at once; everything else is read when it mounts. Rendered on
 * a server it is an empty element.
 */
export const Checkout: new () => {
  $props: CheckoutProps & AllowedComponentProps & ComponentCustomProps & VNodeProps;
};
