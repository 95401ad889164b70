// One table of requests that must not succeed, and what is answered instead: the attacks of RFC 9700, the chapter on
// OAuth of the ASVS, and what the RFCs say is an error.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { judge } from './answers.mjs';
import { cases as authorizeCases, check } from './negative_authorize.mjs';
import { cases as bearerCases } from './negative_bearer.mjs';
import { cases as formCases, shown } from './negative_forms.mjs';
import { cases as tokenCases } from './negative_token.mjs';
import { World } from './negative_world.mjs';

const cases = [...authorizeCases, ...formCases, ...tokenCases, ...bearerCases];
let world;

before(async () => {
  world = await World.make();
});

after(() => world?.stop());

for (const { name, run, expected } of cases)
  test(name, async () => {
    const answer = await run(world);
    judge(answer, world);
    check(answer, expected);
    if (answer.alive) assert.equal((await world.server.call(answer.alive)).status, 200, 'the token was revoked');
  });

test('the table is long, and no two of its cases are the same', (context) => {
  assert.ok(cases.length >= 250);
  assert.deepEqual(cases.map(({ name }) => name).filter((name, i, all) => all.indexOf(name) !== i), []);
  context.diagnostic(`${cases.length} cases`);
});

// What the table spoils is good, and so is what only looks strange.

const basic = (text) => `Basic ${Buffer.from(text).toString('base64')}`;

for (const [name, fields, authorization] of [
  ['its secret in the form', ({ id, secret }) => ({ client_id: id, client_secret: secret })],
  ['basic', () => ({}), (shop) => shop.basic],
  ['basic, and its id in the form', ({ id }) => ({ client_id: id }), (shop) => shop.basic],
  ['basic in small letters', () => ({}), (shop) => shop.basic.replace('Basic', 'basic')],
  ['basic with more spaces', () => ({}), (shop) => shop.basic.replace(' ', '   ')],
  ['basic without padding', () => ({}), (shop) => shop.basic.replace(/=+$/, '')],
  ['basic, each letter encoded', () => ({}), ({ id, secret }) => basic(`${id}:${[...secret].map((letter) =>
    `%${letter.charCodeAt(0).toString(16)}`).join('')}`)],
])
  test(`proven by ${name}, a code and a refresh token are exchanged, and a token is given back`, async () => {
    const { shop, owner } = world;
    const proof = { client_id: undefined, client_secret: undefined, ...fields(shop) };
    const headers = authorization ? { authorization: authorization(shop) } : {};
    const first = await shop.tokens(shop.post('/oauth2/token', shop.codeForm(await owner.code(shop), proof), headers));
    const second = await shop.tokens(shop.post('/oauth2/token', shop.refreshForm(first.refresh, proof), headers));
    assert.equal((await world.server.call(`bEARER   ${second.access}`)).status, 200);
    const answer = await shop.post('/oauth2/revoke', { token: second.access, ...fields(shop) }, headers);
    judge(answer, world);
    assert.deepEqual([answer.status, answer.text], [200, '{}']);
  });

for (const [name, verifier] of [['43 letters', 'a'.repeat(43)], ['128 letters', `${'aZ09-._~'.repeat(16)}`]])
  test(`a verifier of ${name} is good`, async () => {
    const { till, owner } = world;
    till.verifier = verifier;
    await till.connect(owner);
  });

for (const [name, headers] of [['nowhere', {}], ['here', { 'sec-fetch-site': 'same-origin' }],
  ['a bookmark', { 'sec-fetch-site': 'none' }]])
  test(`the form is good from ${name}`, async () => {
    const { till, owner } = world;
    const { action, fields } = await shown(owner, till.request());
    const answer = await owner.ask('POST', action, { form: fields, headers });
    judge(answer, world);
    assert.ok(answer.headers.location.startsWith(`${till.uris[0]}?code=`), answer.headers.location);
  });

test('a key against repetition means nothing where nobody has proven who it is', async () => {
  const { shop, owner } = world;
  for (const key of ['once', 'x'.repeat(300), ['a', 'b']]) {
    const form = shop.codeForm(await owner.code(shop));
    const answers = [await shop.post('/oauth2/token', form, { 'idempotency-key': key }),
      await shop.post('/oauth2/token', form, { 'idempotency-key': key })];
    answers.forEach((answer) => judge(answer, world));
    assert.deepEqual(answers.map(({ status }) => status), [200, 400]);
  }
});

test('whatever host is asked for, the issuer is the same', async () => {
  const { server, shop, owner } = world;
  const headers = { host: 'evil.example', origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' };
  const metadata = await server.send('GET', '/.well-known/oauth-authorization-server', { headers });
  assert.ok(!metadata.text.includes('evil.example'));
  for (const scope of ['payment_link.read', 'everything']) {
    const answer = await owner.ask('GET', `/oauth2/auth?${new URLSearchParams(shop.request({ scope }))}`, { headers });
    judge(answer, world);
    assert.equal(new URL(answer.headers.location).searchParams.get('iss'), server.issuer);
  }
});
