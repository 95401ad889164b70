// What codes, tokens, permissions and forms lead to as time goes by, as they are presented again, and over kill -9.
// Each test has tokens of its own; the clock is the sandbox's.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { judge } from './answers.mjs';
import { headingOf } from './person.mjs';
import { Server } from './server.mjs';

const uri = 'https://shop.example/callback';
const scopes = ['payment_link.read', 'payment_link.write', 'offline_access'];
let server;
let shop;
let other;
let till;
let owner;

before(async () => {
  server = await Server.open();
  [shop, other] = [await server.addApplication({ name: 'Shop', uris: [uri], scopes }),
    await server.addApplication({ name: 'Other shop', uris: [uri], scopes })];
  till = await server.addApplication({ name: 'Till', uris: ['com.example.till:/callback'], scopes, isPublic: true });
  owner = await server.owner.signIn();
});

after(() => server?.stop());

const world = () =>
  ({ issuer: server.issuer, applications: [shop, other, till], secrets: new Map([[shop.secret, 'a secret']]) });

async function refused(asked, error) {
  const answer = await asked;
  judge(answer, world());
  assert.deepEqual([answer.status, answer.json.error], [400, error], answer.text);
}

async function isGood(access) {
  const { status } = await server.call(access);
  assert.ok(status === 200 || status === 401, `${status}`);
  return status === 200;
}

async function assertGood(...tokens) {
  for (const token of tokens) assert.ok(await isGood(token), 'the token is dead');
}

// All of them are dead a second after `begun` at the latest; the API may remember a token for so long.
async function assertDeadWithinASecond(begun, ...tokens) {
  for (const token of tokens) {
    while (await isGood(token)) {
      assert.ok(Date.now() - begun <= 1_000, 'a token is still good after a second');
      await sleep(10);
    }
  }
  assert.ok(Date.now() - begun <= 1_500, 'nobody looked in time');
}

// The clock goes on, and whoever was signed in for too long signs in once more.
async function later(by) {
  await server.advance(by);
  owner = await server.owner.signIn();
}

for (const of of ['shop', 'till'])
  for (const pause of ['0s', '1s', '30s', '61s', '50m', '6d'])
    test(`a code of ${of} that comes again after ${pause} kills what it gave`, async () => {
      const application = { shop, till }[of];
      const code = await owner.code(application);
      const tokens = await application.tokens(application.exchange(code));
      await assertGood(tokens.access);
      if (pause !== '0s') await later(pause);
      const begun = Date.now();
      await refused(application.exchange(code), 'invalid_grant');
      await assertDeadWithinASecond(begun, tokens.access);
      await refused(application.refresh(tokens.refresh), 'invalid_grant');
      await refused(application.exchange(code), 'invalid_grant');
    });

for (const [name, changes] of [
  ['another verifier', { code_verifier: 'a'.repeat(43) }], ['no verifier', { code_verifier: undefined }],
  ['another redirect_uri', { redirect_uri: 'https://evil.example/' }],
])
  test(`a used code with ${name} kills what it gave`, async () => {
    const code = await owner.code(shop);
    const tokens = await shop.tokens(shop.exchange(code));
    const begun = Date.now();
    await refused(shop.exchange(code, changes), 'invalid_grant');
    await assertDeadWithinASecond(begun, tokens.access);
    await refused(shop.refresh(tokens.refresh), 'invalid_grant');
  });

test('others with a used code or refresh token, or without a proof, kill nothing', async () => {
  const code = await owner.code(shop);
  const first = await shop.tokens(shop.exchange(code));
  const second = await shop.tokens(shop.refresh(first.refresh));
  for (const stranger of [other, till]) {
    const known = { redirect_uri: shop.uris[0], code_verifier: shop.verifier };
    await refused(stranger.exchange(code, known), 'invalid_grant');
    await refused(stranger.refresh(first.refresh), 'invalid_grant');
    await refused(stranger.refresh(second.refresh), 'invalid_grant');
    assert.equal((await stranger.revoke(second.refresh)).status, 200);
  }
  assert.equal((await shop.exchange(code, { client_secret: 'x' })).status, 401);
  assert.equal((await shop.refresh(first.refresh, { client_secret: 'x' })).status, 401);
  await assertGood(first.access, second.access);
  await shop.tokens(shop.refresh(second.refresh));
});

test('a code is good for less than a minute', async () => {
  const [early, late] = [await owner.code(shop), await owner.code(shop)];
  await server.advance('55s');
  await shop.tokens(shop.exchange(early));
  await server.advance('5s');
  await refused(shop.exchange(late), 'invalid_grant');
});

test('an access token is good for an hour, whoever still remembers it', async () => {
  const { access } = await shop.connect(owner);
  await server.advance('59m');
  await assertGood(access);
  await later('1m');
  assert.ok(!await isGood(access));
});

for (const of of ['shop', 'till'])
  for (const pause of ['0s', '1s', '30s', '2h', '6d'])
    test(`a refresh token of ${of} that comes again after ${pause} kills its family`, async () => {
      const application = { shop, till }[of];
      const all = [await application.connect(owner)];
      for (let i = 0; i < 3; i += 1) all.push(await application.tokens(application.refresh(all.at(-1).refresh)));
      await assertGood(...all.map(({ access }) => access));
      if (pause !== '0s') await later(pause);
      const begun = Date.now();
      await refused(application.refresh(all[1].refresh), 'invalid_grant');
      await assertDeadWithinASecond(begun, ...all.map(({ access }) => access));
      for (const { refresh } of all) await refused(application.refresh(refresh), 'invalid_grant');
    });

test('refresh tokens end 90 days after somebody allowed it, however often they are exchanged', async () => {
  let tokens = await shop.connect(owner);
  for (let day = 0; day < 89; day += 1) {
    await server.advance('24h');
    tokens = await shop.tokens(shop.refresh(tokens.refresh));
  }
  await server.advance('23h30m');
  const last = await shop.refresh(tokens.refresh);
  assert.equal(last.status, 200);
  assert.ok(last.json.expires_in <= 1_800 && last.json.expires_in > 1_700, `${last.json.expires_in} s`);
  await assertGood(last.json.access_token);
  await later('30m');
  assert.ok(!await isGood(last.json.access_token));
  await refused(shop.refresh(last.json.refresh_token), 'invalid_grant');
});

test('an access token may be given fewer scopes, and never more than were granted', async () => {
  const first = await shop.connect(owner);
  const fewer = await shop.tokens(shop.refresh(first.refresh, { scope: 'payment_link.read' }));
  assert.equal(fewer.scope, 'payment_link.read');
  const link = { payment_link: {} };
  const refusal = await server.call(fewer.access, 'POST', '/v2/payment_links', link);
  assert.equal(refusal.status, 403);
  assert.equal(refusal.headers['www-authenticate'],
    'Bearer realm="paylink", error="insufficient_scope", scope="payment_link.write"');
  assert.ok(fewer.refresh, 'offline_access is the grant\'s');
  await refused(shop.refresh(fewer.refresh, { scope: 'payment_link.read webhook' }), 'invalid_scope');
  const again = await shop.tokens(shop.refresh(fewer.refresh));
  assert.equal(again.scope, 'offline_access payment_link.read payment_link.write');
  assert.equal((await server.call(again.access, 'POST', '/v2/payment_links', link)).status, 400);
});

test('without offline_access there is nothing to refresh', async () => {
  const tokens = await shop.connect(owner, { scope: 'payment_link.read' });
  assert.deepEqual([tokens.refresh, tokens.scope], [undefined, 'payment_link.read']);
});

test('a token that is given back is dead within a second, and a refresh token takes its family along', async () => {
  const first = await shop.connect(owner);
  const second = await shop.tokens(shop.refresh(first.refresh));
  await assertGood(first.access, second.access);
  let begun = Date.now();
  const answer = await shop.revoke(first.access, { token_type_hint: 'refresh_token' });
  assert.deepEqual([answer.status, answer.text], [200, '{}']);
  await assertDeadWithinASecond(begun, first.access);
  await assertGood(second.access);
  begun = Date.now();
  assert.equal((await shop.revoke(second.refresh)).status, 200);
  await assertDeadWithinASecond(begun, second.access);
  await refused(shop.refresh(second.refresh), 'invalid_grant');
  assert.equal((await shop.revoke(second.refresh)).status, 200, 'once more');
});

for (const [name, kill] of [
  ['a code that comes again', (code, tokens) => refused(shop.exchange(code), 'invalid_grant')],
  ['a refresh token that comes again', async (code, tokens) => {
    await shop.tokens(shop.refresh(tokens.refresh));
    await refused(shop.refresh(tokens.refresh), 'invalid_grant');
  }],
  ['a refresh token that is given back', async (code, tokens) =>
    assert.equal((await shop.revoke(tokens.refresh)).status, 200)],
]) {
  test(`${name} kills over kill -9 right after the answer`, async () => {
    const code = await owner.code(shop);
    const tokens = await shop.tokens(shop.exchange(code));
    await assertGood(tokens.access);
    await kill(code, tokens);
    await server.crash();
    assert.ok(!await isGood(tokens.access));
    await refused(shop.refresh(tokens.refresh), 'invalid_grant');
  });

  test(`${name} kills when kill -9 was in between`, async () => {
    const code = await owner.code(shop);
    const tokens = await shop.tokens(shop.exchange(code));
    await server.crash();
    await assertGood(tokens.access);
    const begun = Date.now();
    await kill(code, tokens);
    await assertDeadWithinASecond(begun, tokens.access);
    await refused(shop.refresh(tokens.refresh), 'invalid_grant');
  });
}

test('what a member may do is looked at each time', async () => {
  const email = 'ada@acme.example';
  const ada = await (await server.addPerson({ email, role: 'manager' })).signIn();
  const tokens = await shop.connect(ada);
  const create = async () =>
    (await server.call(tokens.access, 'POST', '/v2/payment_links', { payment_link: {} })).status;
  assert.equal(await create(), 400);
  const begun = Date.now();
  await server.operate('users', 'set-role', '--role', 'reporter', email);
  while (await create() !== 403) assert.ok(Date.now() - begun < 1_500, 'not within a second');
  const fewer = await shop.tokens(shop.refresh(tokens.refresh));
  assert.equal(fewer.scope, 'offline_access payment_link.read');
  await server.operate('users', 'set-role', '--role', 'manager', email);
  const again = await shop.tokens(shop.refresh(fewer.refresh));
  assert.equal(again.scope, 'offline_access payment_link.read payment_link.write');
  const code = await ada.code(shop);
  await server.operate('users', 'remove', email);
  await assertDeadWithinASecond(Date.now(), again.access);
  await refused(shop.refresh(again.refresh), 'invalid_grant');
  await refused(shop.exchange(code), 'invalid_grant');
});

test('a client that takes its permission back is asked about anew, and all its tokens are dead', async () => {
  const [first, second] = [await shop.connect(owner), await shop.connect(owner)];
  const unused = await owner.code(shop);
  const begun = Date.now();
  assert.equal((await server.call(first.access, 'DELETE', '/v2/oauth2/consents')).status, 204);
  await assertDeadWithinASecond(begun, first.access, second.access);
  await refused(shop.refresh(second.refresh), 'invalid_grant');
  await refused(shop.exchange(unused), 'invalid_grant');
  assert.equal(headingOf((await owner.authorize(shop.request())).text), 'Allow Shop to act for Acme Sandbox?');
  await shop.connect(owner);
});

test('a secret is good until its successor\'s overlap is over', async () => {
  const old = shop.secret;
  const { refresh } = await shop.connect(owner);
  shop.secret = (await server.operate('clients', 'rotate', '--overlap', '24h', shop.id)).client_secret;
  const byOld = await shop.tokens(shop.refresh(refresh, { client_secret: old }));
  const byNew = await shop.tokens(shop.refresh(byOld.refresh));
  await later('24h');
  assert.equal((await shop.refresh(byNew.refresh, { client_secret: old })).status, 401);
  const good = await shop.tokens(shop.refresh(byNew.refresh));
  const last = shop.secret;
  shop.secret = (await server.operate('clients', 'rotate', '--overlap', '0', shop.id)).client_secret;
  assert.equal((await shop.refresh(good.refresh, { client_secret: last })).status, 401);
  await shop.tokens(shop.refresh(good.refresh));
});

test('an application that is deleted is out at once', async () => {
  const gone = await server.addApplication({ name: 'Soon gone', uris: [uri], scopes });
  const { access, refresh } = await gone.connect(owner);
  const code = await owner.code(gone);
  await assertGood(access);
  const begun = Date.now();
  await server.operate('clients', 'delete', gone.id);
  await assertDeadWithinASecond(begun, access);
  for (const answer of [await gone.refresh(refresh), await gone.exchange(code)]) assert.equal(answer.status, 401);
  assert.equal(headingOf((await owner.authorize(gone.request())).text), 'Unknown application');
});

for (const [age, heading] of [['1h59m', undefined], ['2h', 'This page was open for too long']])
  test(`a form that was open for ${age} ${heading ? 'is too old' : 'is good'}`, async () => {
    owner = await server.owner.signIn();
    const page = await owner.authorize(till.request());
    // A session that nothing is asked for would end before.
    await server.advance('50m');
    await owner.open('/account');
    await server.advance('50m');
    await owner.open('/account');
    await server.advance(age === '2h' ? '20m' : '19m');
    const answer = await owner.press(page, 'Refuse');
    judge(answer, world());
    if (heading) assert.deepEqual([answer.status, headingOf(answer.text)], [403, heading]);
    else assert.equal(new URL(answer.location).searchParams.get('error'), 'access_denied', answer.location);
  });

test('allowing needs a password of the last ten minutes; refusing, and what was allowed, do not', async () => {
  const member = await server.owner.signIn();
  await member.code(shop);
  await server.advance('9m');
  await member.code(till);
  const page = await member.authorize(till.request());
  await server.advance('1m');
  const asked = await member.press(page, 'Allow');
  judge(asked, world());
  assert.equal(headingOf(asked.text), 'Enter your password again');
  const refused = new URL((await member.press(page, 'Refuse')).location);
  assert.equal(refused.searchParams.get('error'), 'access_denied');
  await member.code(shop);
  const again = await member.press(asked, 'Continue', { password: 'wrong' });
  assert.equal(again.status, 422);
  const back = await member.press(again, 'Continue', { password: member.password });
  assert.equal(headingOf(back.text), 'Allow Till to act for Acme Sandbox?');
  const allowed = await member.press(back, 'Allow');
  assert.ok(new URL(allowed.location).searchParams.has('code'), allowed.location);
});
