// The WeChat app around a browser: what it puts into pages, and the sheet on which its user decides.

/** Has the app put its bridge into every page of a browser; how it behaves is steered before this. */
export async function enterWeChat(context, demo) {
  await carryQuestions(context, demo);
  await context.addInitScript({ content: await bridgeScript(demo) });
}

/** What the app runs in a page. */
export async function bridgeScript(demo) {
  const answer = await fetch(`${demo.gateways}/wechat/bridge.js`);
  return answer.text();
}

/** What the app's scripts ask the app goes past the page's content policy, as in a real app. */
async function carryQuestions(context, demo) {
  await context.exposeFunction('sandboxWeChat', async (path, body) => {
    const answer = await fetch(`${demo.gateways}/wechat${path}`, { method: 'POST', body });
    return answer.text();
  });
}

/** The app's sheet over a page. */
export class Sheet {
  constructor(page) {
    this.page = page;
    this.itself = page.locator('#wechat-sheet');
  }

  /** What it says is to be paid. */
  async amount() {
    return this.page.locator('#wechat-amount').textContent();
  }

  async pay() {
    await this.page.locator('#wechat-pay').click();
  }

  async cancel() {
    await this.page.locator('#wechat-cancel').click();
  }
}
