// Near misses of registered addresses: one or two edits away, as somebody makes them who wants to be taken for another.
// None leads anywhere but to our own page. `SEED=` repeats them, `N=` makes another number (300).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { times } from '../support/patience.mjs';
import { judge } from './answers.mjs';
import { headingOf } from './person.mjs';
import { Server } from './server.mjs';

const misses = times(300);
const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const uris = ['https://shop.example/callback', 'https://shop.example:8443/a/b?x=1&y=2',
  'http://127.0.0.1:8765/callback', 'http://[::1]/callback', 'http://localhost:3000/callback',
  'com.example.till:/callback'];
let server;
let owner;
let application;

before(async () => {
  server = await Server.open();
  owner = await server.owner.signIn();
  const scopes = ['payment_link.read'];
  application = await server.addApplication({ name: 'Till', uris, scopes, isPublic: true });
});

after(() => server?.stop());

// Numbers below `limit` that follow from the seed (mulberry32).
let state = seed;
function draw(limit) {
  state = (state + 0x6d2b79f5) | 0;
  let bits = Math.imul(state ^ (state >>> 15), 1 | state);
  bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
  return ((bits ^ (bits >>> 14)) >>> 0) % limit;
}

const one = (list) => list[draw(list.length)];
const replace = (text, at, length, by) => text.slice(0, at) + by + text.slice(at + length);
const hex = (letter) => letter.charCodeAt(0).toString(16).padStart(2, '0');
const letters = [...'aZ0/\\.:@?#&=%+*;,"<[]|^`{}~ \t\u0430\u3002\uff0f\u202e', '..', '\r\n', '%00', '%0d%0a', '%2e',
  '%2f', '%5c', '%40'];
const hosts = ['.', '.evil.example', '@evil.example', ':443', ':80', ':0', '%2eevil.example', ':', '#@'];
const ends = ['/', '?', '#', '?x', '&x=y', '/..', '/.', '/../evil', '%20', ' ', '\0', ';x', '//'];
const paths = ['//callback', '/./callback', '/x/../callback', '\\callback', '/callback/', '/Callback'];

const edits = [
  (uri) => replace(uri, draw(uri.length + 1), 0, one(letters)),
  (uri) => replace(uri, draw(uri.length), 1, ''),
  (uri) => replace(uri, draw(uri.length), 1, one(letters)),
  (uri) => {
    const at = draw(uri.length);
    return replace(uri, at, 1, `%${one([hex(uri[at]), hex(uri[at]).toUpperCase()])}`);
  },
  (uri) => {
    const at = draw(uri.length);
    const other = uri[at].toUpperCase();
    return replace(uri, at, 1, other === uri[at] ? uri[at].toLowerCase() : other);
  },
  (uri) => {
    const at = draw(uri.length - 1);
    return replace(uri, at, 2, uri[at + 1] + uri[at]);
  },
  (uri) => uri.replace('://', `://${one(['evil.example@', 'a:b@', '@', 'evil.example\\@', 'www.', 'evil.example/'])}`),
  (uri) => uri.replace(/^(\w+:\/\/[^/]+)/, `$1${one(hosts)}`),
  (uri) => uri.replace(/^[^:]+/, one(['http', 'https', 'HTTPS', 'ftp', 'javascript', 'data', ''])),
  (uri) => uri + one([...ends, `,${uri}`, ` ${uri}`]),
  (uri) => uri.replace('?x=1&y=2', one(['?y=2&x=1', '?x=1&y=2&z=3', '?x=1', '?x=1&Y=2', '?x=1;y=2', '?x=%31&y=2'])),
  (uri) => uri.replace('/callback', one(paths)),
];

// RFC 8252, section 7.3: what is no miss at all.
function isAllowed(uri) {
  const port = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]))(?::([1-9]\d{0,4}))?(?=[/?]|$)/;
  const found = uri.match(port);
  const free = found && Number(found[2] ?? 1) <= 65_535;
  const bare = (text) => text.replace(port, '$1');
  return uris.some((registered) => uri === registered || (free && bare(uri) === bare(registered)));
}

function nearMiss() {
  for (;;) {
    let uri = one(uris);
    for (let edited = 0; edited <= draw(2); edited += 1) uri = one(edits)(uri);
    if (!isAllowed(uri)) return uri;
  }
}

test(`${misses} near misses lead to our own page (SEED=${seed})`, async () => {
  const made = new Set();
  while (made.size < misses) made.add(nearMiss());
  for (const uri of made) {
    const answer = await owner.authorize(application.request({ redirect_uri: uri }));
    assert.deepEqual([answer.status, answer.location], [400, undefined], JSON.stringify(uri));
    assert.ok(['This application is not set up properly', 'This address is damaged'].includes(headingOf(answer.text)));
    judge(answer, { issuer: server.issuer, applications: [application], secrets: new Map() });
  }
});

test('each registered address is led to, and of those on this machine each port', async () => {
  const ports = ['http://127.0.0.1/callback', 'http://127.0.0.1:1/callback', 'http://[::1]:65535/callback'];
  for (const uri of [...uris, ...ports]) {
    assert.ok(isAllowed(uri), uri);
    const location = await owner.allow(application.request({ redirect_uri: uri }));
    assert.ok(location.startsWith(`${uri}${uri.includes('?') ? '&' : '?'}code=`), location);
    const code = new URL(location).searchParams.get('code');
    await application.tokens(application.exchange(code, { redirect_uri: uri }));
  }
});
