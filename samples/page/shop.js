/** The whole page of the samples: one product, one button, one checkout. */
import { load, mount, resumable } from "/checkout/index.js";

const element = document.getElementById("checkout");
const buy = document.getElementById("buy");
const trouble = document.getElementById("trouble");

/** Asks the shop's backend; what it refuses, it says in a sentence for the payer. */
async function ask(path, body = {}) {
  const answer = await fetch(path, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
  const said = await answer.json();
  if (!answer.ok) throw new Error(said.detail);
  return said;
}

const order = () => ask("/cart/pay", { sku: "tea" });

async function show(payment) {
  buy.hidden = true;
  await mount(element, { ...payment, renew: order });
}

function tell(error) {
  trouble.textContent = error.message;
  trouble.hidden = false;
}

buy.addEventListener("click", async () => {
  buy.disabled = true;
  trouble.hidden = true;
  try {
    await show(await order());
  } catch (error) {
    tell(error);
  }
  buy.disabled = false;
});

/** A payer who comes back from a gateway's page: in the tab that left, or in another one of the same browser. */
async function comeBack() {
  await load();
  const orderId = new URLSearchParams(location.search).get("order");
  if (resumable()) await show({ resume: true });
  else if (orderId !== null) await show(await ask(`/orders/${encodeURIComponent(orderId)}/secret`));
}

comeBack().catch(tell);
