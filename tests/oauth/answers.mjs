// What holds for every answer of the authorization server, whatever it says.

import assert from 'node:assert/strict';

const page = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};
const policy = new RegExp("^default-src 'none'; style-src 'self'; img-src 'self'; "
  + "form-action 'self'( [a-z][a-z0-9.+:/-]*)*; base-uri 'none'; frame-ancestors 'none'$");

// RFC 6749, section 5.2: the words, and the letters of a description.
const words = ['invalid_request', 'invalid_client', 'invalid_grant', 'unauthorized_client', 'unsupported_grant_type',
  'invalid_scope'];
const description = /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/;

function judgePage({ headers, text }, own) {
  for (const [name, value] of Object.entries(page)) assert.equal(headers[name], value, name);
  assert.match(headers['content-security-policy'], policy);
  assert.doesNotMatch(text, /<script|<iframe|\son\w+=|javascript:/i);
  for (const [, address] of text.matchAll(/\s(?:href|src|action)="([^"]*)"/g))
    assert.match(address, /^[/#](?!\/)/);
  for (const [secret, what] of own) assert.ok(!text.includes(secret), `the page tells ${what}`);
}

// Nobody is sent anywhere but to a page of ours or a registered address, which is told who says so. Where the state
// could be read, it comes back.
function judgeAddress(answer, { issuer, applications, secrets }) {
  const { location } = answer.headers;
  const sent = new URLSearchParams(answer.target.split('?')[1]);
  assert.equal(answer.status, 303);
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(answer.headers['referrer-policy'], 'no-referrer');
  assert.equal(answer.text, '');
  for (const [secret, what] of secrets) assert.ok(!location.includes(secret), `the address tells ${what}`);
  if (/^\/(?![/\\])/.test(location)) return;
  const uris = applications.flatMap((one) => one.uris);
  assert.ok(uris.some((uri) => location.startsWith(uri) && '?&'.includes(location[uri.length])), location);
  const told = new URL(location).searchParams;
  assert.deepEqual(told.getAll('iss'), [issuer], location);
  assert.equal(told.has('code'), !told.has('error'), location);
  const states = sent.getAll('state').filter((state) => state !== '');
  assert.deepEqual(told.getAll('state'), states.length === 1 ? states : []);
  if (told.has('error')) assert.match(told.get('error_description'), description);
}

function judgeToken({ status, headers, json, text }, own) {
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers.pragma, 'no-cache');
  assert.equal(headers['content-type'], 'application/json');
  if (status === 200) return;
  assert.deepEqual(Object.keys(json).sort(), ['error', 'error_description']);
  assert.ok(words.includes(json.error), json.error);
  assert.match(json.error_description, description);
  assert.equal(headers['www-authenticate'], status === 401 ? 'Basic realm="paylink"' : undefined);
  assert.equal(status === 401, json.error === 'invalid_client');
  for (const [secret, what] of own) assert.ok(!text.includes(secret), `the answer tells ${what}`);
}

// `world` is whose answer it is: {issuer, applications, secrets}, the last a map of secret words to what they are.
export function judge(answer, world) {
  const fields = Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'));
  assert.deepEqual(fields, [], 'pages of others may not read it');
  assert.ok(answer.status < 500, `${answer.status} ${answer.text}`);
  const type = answer.headers['content-type'] ?? '';
  if (type.startsWith('text/html')) judgePage(answer, world.secrets);
  if (answer.headers.location) judgeAddress(answer, world);
  if (answer.json && !answer.json.errors && !answer.json.payment_links) judgeToken(answer, world.secrets);
  if (answer.json?.errors)
    for (const [secret, what] of world.secrets) assert.ok(!answer.text.includes(secret), `the answer tells ${what}`);
}
