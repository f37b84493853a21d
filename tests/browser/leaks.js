// Looking for secrets in bytes, in every form in which somebody who looks for one would recognise it.

import { createHash } from 'node:crypto';

/** Every form in which a secret would be recognised by somebody who looks for it. */
export function forms(secret) {
  const bytes = Buffer.from(secret, 'utf8');
  const md5 = createHash('md5').update(bytes).digest('hex');
  const bare = secret.replace(/^whsec_/, '');
  return new Set([
    secret,
    bare,
    md5,
    md5.toUpperCase(),
    bytes.toString('base64').replace(/=+$/, ''),
    bytes.toString('hex'),
    Buffer.from(bare, 'base64').toString('hex'),
    encodeURIComponent(secret),
  ]);
}

/** Which secrets are in which places; `secrets` by their names, `places` as pairs of a name and bytes. */
export function leaks(places, secrets) {
  const found = [];
  for (const [name, secret] of Object.entries(secrets)) {
    for (const form of forms(secret)) {
      for (const [place, bytes] of places) {
        if (bytes.includes(form)) found.push(`${name} in ${place}`);
      }
    }
  }
  return found;
}

/** Tokens and tickets that simulated gateways have handed out to the signer, by where they were asked for. */
export function handedOut(journal) {
  const found = {};
  for (const { gateway, endpoint, answer } of journal) {
    const values = answer.body.matchAll(/"(access_token|refresh_token|ticket)":"([^"]+)"/g);
    for (const [, name, value] of values) found[`${gateway} ${endpoint} ${name} ${Object.keys(found).length}`] = value;
  }
  return found;
}

/** The codes of logins, each good once. */
export function loginCodes(journal) {
  const exchanges = journal.filter(({ endpoint }) => ['access_token', 'sns_access_token'].includes(endpoint));
  const codes = exchanges.map(({ fields }) => fields.code).filter(Boolean);
  return Object.fromEntries(codes.map((code, index) => [`code ${index}`, code]));
}
