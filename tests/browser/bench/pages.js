// The pages that are timed, and a server for them: the package as a release ships it, compressed as a shop's server would.

import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { brotliCompressSync } from 'node:zlib';

const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.html': 'text/html' };

/** The smallest module that is one. */
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);

const PAYMENT = {
  id: 'pay_1', order_id: 'A1', amount: { value: 680, currency: 'CNY' }, subject: 'Tea', method: { type: 'jubao_wechat_h5' },
  status: 'created', revision: 1, next_action: null, failure: null, return_url: 'https://shop.example/done', livemode: true,
  expires_at: '2099-01-01T00:00:00Z',
};

const READY = 'window.readyMs = performance.now();';

const CORE_HINTS = `
<link rel="modulepreload" href="/checkout/index.js">
<link rel="modulepreload" href="/checkout/checkout_core.js">
<link rel="preload" as="fetch" crossorigin type="application/wasm" href="/checkout/checkout_core_bg.wasm">`;

const INTERFACE_HINTS = (scripts) => `${CORE_HINTS}
${scripts.map((name) => `<link rel="modulepreload" href="/checkout/${name}">`).join('\n')}
<link rel="preload" as="fetch" crossorigin type="application/wasm" href="/checkout/checkout_ui_bg.wasm">`;

const EMPTY_HINTS = '<link rel="preload" as="fetch" crossorigin type="application/wasm" href="/empty.wasm">';

const EMPTY = `await WebAssembly.instantiateStreaming(fetch("/empty.wasm"));\n${READY}`;
const CORE = `import { load } from "/checkout/index.js";\nawait load();\n${READY}`;
const INTERFACE = `import { mount } from "/checkout/index.js";
const place = document.querySelector("main");
const shown = new MutationObserver(() => {
  if (!place.querySelector('[data-countersign="pay"]') || window.readyMs) return;
  ${READY}
});
shown.observe(place, { childList: true, subtree: true });
await mount(place, { signer: location.origin, paymentId: "pay_1", clientSecret: "cs_bench" });`;

/** What is timed: `[name, when it counts as ready, what it is compared with, hints of the page, its script]`. */
const SUBJECTS = (interfaceScripts) => [
  ['empty', 'an empty module', 'empty', '', EMPTY],
  ['core', 'load() is done', 'empty', '', CORE],
  ['interface', 'the Pay button of mount() is there', 'empty', '', INTERFACE],
  ['empty-hinted', 'an empty module, with preload hints', 'empty-hinted', EMPTY_HINTS, EMPTY],
  ['core-hinted', 'load() is done, with preload hints', 'empty-hinted', CORE_HINTS, CORE],
  ['interface-hinted', 'the Pay button is there, with preload hints', 'empty-hinted', INTERFACE_HINTS(interfaceScripts), INTERFACE],
];

/** Serves the pages for a built package; `subjects` are `{name, about, beside, url}`. */
export async function servePages(dist) {
  const files = new Map();
  const names = await readdir(dist);
  for (const name of names.filter((name) => /\.(js|css|wasm)$/.test(name))) {
    put(files, `/checkout/${name}`, await readFile(path.join(dist, name)));
  }
  put(files, '/empty.wasm', EMPTY_MODULE);
  const subjects = SUBJECTS(scriptsOfInterface(names));
  for (const [name, , , hints, script] of subjects) {
    put(files, `/${name}.js`, Buffer.from(script));
    const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${name}</title>${hints}<main></main><script type="module" src="/${name}.js"></script>`;
    put(files, `/${name}.html`, Buffer.from(page));
  }
  const server = createServer((request, response) => answer(files, request.url, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    subjects: subjects.map(([name, about, beside]) => ({ name, about, beside, url: `${url}/${name}.html` })),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Every script of the package that the interface needs beside the core. */
function scriptsOfInterface(names) {
  const others = new Set(['index.js', 'checkout_core.js', 'bridge.js', 'picker.js', 'react.js', 'vue.js', 'attached.js']);
  return names.filter((name) => name.endsWith('.js') && !others.has(name));
}

function put(files, address, bytes) {
  files.set(address, { type: TYPES[path.extname(address)], body: brotliCompressSync(bytes) });
}

function answer(files, address, response) {
  if (address.startsWith('/v1/checkout/pay_1')) {
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(PAYMENT));
  }
  const file = files.get(address);
  if (!file) return response.writeHead(404).end();
  const headers = { 'content-type': file.type, 'content-encoding': 'br', 'cache-control': 'max-age=3600' };
  response.writeHead(200, headers).end(file.body);
}
