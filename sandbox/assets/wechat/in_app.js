// What the app's scripts in a page have in common: how they ask the app, and the sheet on which the payer decides.

// Nothing of this exists in a browser that is not the one inside the app.
const inside = navigator.userAgent.includes("MicroMessenger");

// The app is not the page: what it asks must not be held up by the page's content policy. A test that runs pages under
// a strict one exposes a function `sandboxWeChat(path, body)` that carries the question; else it is fetched from here.
async function ask(path, body) {
  const text = JSON.stringify(body);
  const answer = window.sandboxWeChat
    ? await window.sandboxWeChat(path, text)
    : await (await fetch(APP.url + path, { method: "POST", body: text })).json();
  return typeof answer === "string" ? JSON.parse(answer) : answer;
}

function styled(tag, style, properties = {}) {
  // Set through the object model, because a page's policy may forbid style attributes.
  const element = Object.assign(document.createElement(tag), properties);
  Object.assign(element.style, style);
  if (properties.id) element.dataset.testid = properties.id;
  return element;
}

function button(id, text, background, color) {
  const look = {
    display: "block", width: "100%", minHeight: "48px", marginTop: "12px", border: "0", borderRadius: "8px",
    font: "600 16px system-ui, sans-serif", background, color,
  };
  return styled("button", look, { id, type: "button", textContent: text });
}

// Shows the sheet over the page until the payer decides; gives whether to pay.
function sheet({ amount, goods }) {
  const cover = styled("div", {
    position: "fixed", inset: "0", zIndex: "2147483647", display: "flex", alignItems: "flex-end",
    background: "rgba(0, 0, 0, 0.55)",
  }, { id: "wechat-sheet", role: "dialog" });
  cover.setAttribute("aria-label", "微信支付 WeChat Pay");
  const card = styled("div", {
    width: "100%", maxWidth: "480px", margin: "0 auto", padding: "24px 20px", boxSizing: "border-box",
    borderRadius: "14px 14px 0 0", background: "#ffffff", color: "#191919", textAlign: "center",
    font: "16px/1.5 system-ui, sans-serif",
  });
  const pay = button("wechat-pay", "确认支付 Pay", "#07c160", "#ffffff");
  const cancel = button("wechat-cancel", "取消 Cancel", "#f2f2f2", "#191919");
  card.append(
    styled("p", { margin: "0" }, { textContent: goods }),
    styled("p", { margin: "8px 0 12px", fontSize: "28px", fontWeight: "650" }, { id: "wechat-amount", textContent: amount }),
    pay,
    cancel,
  );
  cover.append(card);
  return new Promise((resolve) => {
    const decide = (choice) => {
      cover.remove();
      resolve(choice);
    };
    pay.addEventListener("click", () => decide(true));
    cancel.addEventListener("click", () => decide(false));
    document.body.append(cover);
    pay.focus();
  });
}

// Lets the payer pay; `say` gets "ok", "cancel" or "fail" and a reason, once or as often as the app was told to.
async function payment(call, payload, say) {
  const order = await ask("/bridge/open", { call, payload, url: location.href });
  if (!order.ok) return say("fail", order.reason);
  switch (order.payment) {
    case "missing_total_fee": return say("fail_missing parameter total_fee", "missing parameter total_fee");
    case "fail": return say("fail", "the app was told to fail");
    case "cancel": return say("cancel");
  }
  const wanted = order.payment === "ok" || (await sheet(order));
  if (!wanted) return order.payment === "silent" ? undefined : say("cancel");
  if (order.payment === "cancel_then_ok") say("cancel");
  const paid = await ask("/bridge/pay", { call, payload });
  if (order.payment === "silent") return undefined;
  return paid.ok ? say("ok") : say("fail", paid.reason);
}
