// The page script `wx`: a page is configured with a signature of its own address, and may then call what it asked for.

// What waits for the configuration, and how it went: null, true or false.
const waiting = [];
let configured = null;
let onError = () => {};

async function configure(config) {
  const url = location.href.split("#")[0];
  const answer = await ask("/bridge/config", { config, url });
  configured = answer.ok;
  if (!configured) onError({ errMsg: `config:${answer.reason}` });
  if (configured || answer.readyAfterError) waiting.splice(0).forEach((callback) => callback());
}

function respond(call, callback, answerIn, result) {
  const text = `${call}:${result}`;
  callback(answerIn === "nothing" ? {} : { [answerIn]: text });
}

async function call(name, payload, callback) {
  if (!configured || name !== "getH5PrepayRequest") return callback({ errMsg: `${name}:permission denied` });
  const { answerIn } = await ask("/bridge/open", { call: name, payload, url: location.href });
  return payment(name, payload, (result) => respond(name, callback, answerIn, result));
}

window.wx = {
  config(config) {
    // Outside of the app nothing ever answers.
    if (inside) configure(config).catch((error) => onError({ errMsg: `config:fail, ${error}` }));
  },
  ready(callback) {
    if (configured === null) waiting.push(callback);
    else if (configured) callback();
  },
  error(callback) {
    onError = callback;
  },
  invoke(name, payload, callback = () => {}) {
    call(name, payload, callback).catch((error) => callback({ errMsg: `${name}:fail ${error}` }));
  },
};
