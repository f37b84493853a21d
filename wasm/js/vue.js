/** The interface as a component of Vue. */
import { defineComponent, h, onActivated, onBeforeUnmount, onDeactivated, onMounted, ref, watch } from "vue";
import { attach } from "./attached.js";

/** A switch that was not set stays unset, where Vue would make it `false`. */
const flag = { type: Boolean, default: undefined };

export const Checkout = defineComponent({
  name: "CountersignCheckout",
  props: {
    signer: String,
    paymentId: String,
    clientSecret: String,
    resume: flag,
    locale: String,
    appearance: String,
    autoConfirm: flag,
    styles: flag,
    pageUrl: String,
    jweixinUrl: { type: [String, Boolean], default: undefined },
    wasmUrl: null,
    uiWasmUrl: null,
    renew: Function,
    // Not among the events, which do not tell whether anybody listens.
    onError: Function,
  },
  emits: ["change", "outcome"],
  setup(props, { emit }) {
    const box = ref(null);
    let attached = null;

    const latest = () => ({
      ...given(props),
      onChange: (...change) => emit("change", ...change),
      onOutcome: (outcome) => emit("outcome", outcome),
    });
    const start = () => {
      attached ??= attach(box.value, latest);
    };
    const stop = () => {
      attached?.detach();
      attached = null;
    };

    onMounted(start);
    // What is kept alive out of sight asks nothing; it takes up again when it is seen.
    onActivated(start);
    onDeactivated(stop);
    onBeforeUnmount(stop);
    const isSeen = () => attached !== null;
    watch(() => [props.signer, props.paymentId, props.clientSecret, props.resume], () => {
      if (!isSeen()) return;
      stop();
      start();
    });
    watch(() => [props.locale, props.appearance], () => attached?.update());
    return () => h("div", { ref: box });
  },
});

/** The properties that were set: to `mount`, one that is `undefined` is not the same as none. */
function given(props) {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined));
}
