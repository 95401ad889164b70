// The whole way with the library that applications use, which checks what it is told: metadata, PKCE, state, issuer.
// The person at the browser follows the forms; a real browser does so in browser.test.mjs.

import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { root } from '../support/sandbox_process.mjs';
import { judge } from './answers.mjs';
import { formsOf, headingOf, linkOf, textOf } from './person.mjs';
import { Server } from './server.mjs';

globalThis.crypto ??= webcrypto;  // of node 18
const client = await import('openid-client');

const uri = 'https://shop.example/callback';
const scopes = ['payment_link.read', 'payment_link.write', 'offline_access'];
let server;
let shop;
let till;
let bakery;
let ada;  // of two organizations
let owner;

before(async () => {
  server = await Server.open();
  shop = await server.addApplication({ name: 'Shop', uris: [uri], scopes });
  till = await server.addApplication({ name: 'Till', uris: ['com.example.till:/callback'], scopes, isPublic: true });
  owner = await server.owner.signIn();
  ada = await (await server.addPerson({ email: 'ada@acme.example', role: 'manager' })).signIn();
  bakery = await server.addOrganization({ slug: 'bakery', name: 'The Bakery', owner: 'ada@acme.example' });
});

after(() => server?.stop());

// What people read of the scopes.
const messages = fs.readFileSync(path.join(root, 'web/locales/en.messages'), 'utf8');
const sentences = (names) => names.map((name) => messages.match(new RegExp(`^scope\\.${name} = (.+)$`, 'm'))[1]);

function configure(application, method) {
  const options = { algorithm: 'oauth2', execute: [client.allowInsecureRequests] };
  return client.discovery(new URL(server.issuer), application.id, application.secret, method, options);
}

// What the library needs to know of the way to the authorization server and back.
async function begin(config, application, more = {}) {
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: application.uris[0],
    scope: application.scopes.join(' '),
    state,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...more,
  });
  return { target: url.pathname + url.search, checks: { pkceCodeVerifier: verifier, expectedState: state } };
}

const organization = async (access) => (await server.call(access, 'GET', '/v2/organization')).json?.organization?.slug;

async function assertDeadWithinASecond(begun, ...tokens) {
  for (const token of tokens)
    while ((await server.call(token)).status !== 401) {
      assert.ok(Date.now() - begun <= 1_000, 'a token is still good after a second');
      await sleep(10);
    }
}

const methods = {
  'its secret by basic': () => [shop, client.ClientSecretBasic(shop.secret)],
  'its secret in the form': () => [shop, client.ClientSecretPost(shop.secret)],
  'PKCE alone': () => [till, client.None()],
};

for (const [name, choose] of Object.entries(methods))
  test(`an application that proves itself by ${name} goes all the way`, async () => {
    const [application, method] = choose();
    const config = await configure(application, method);
    const { target, checks } = await begin(config, application);
    const page = await owner.open(target);
    const { location } = page.location ? page : await owner.press(page, 'Allow');
    assert.ok(location.startsWith(application.uris[0]), location);
    const first = await client.authorizationCodeGrant(config, new URL(location), checks);
    assert.deepEqual([first.token_type, first.expires_in, first.scope], ['bearer', 3600, [...scopes].sort().join(' ')]);
    assert.deepEqual(Object.keys(first).sort(),
      ['access_token', 'expires_in', 'refresh_token', 'scope', 'token_type'], 'and nothing is null');
    const links = new URL('/v2/payment_links', server.issuer);
    const answer = await client.fetchProtectedResource(config, first.access_token, links, 'GET');
    assert.equal(answer.status, 200);
    assert.deepEqual((await answer.json()).payment_links, []);

    const second = await client.refreshTokenGrant(config, first.refresh_token);
    assert.notEqual(second.refresh_token, first.refresh_token);
    assert.equal(await organization(second.access_token), undefined, 'there is no scope for that');
    assert.equal((await server.call(second.access_token)).status, 200);
    await client.tokenRevocation(config, second.refresh_token);
    const begun = Date.now();
    await assertDeadWithinASecond(begun, first.access_token, second.access_token);
    await assert.rejects(client.refreshTokenGrant(config, second.refresh_token),
      { name: 'ResponseBodyError', error: 'invalid_grant', status: 400 });
    await assert.rejects(client.fetchProtectedResource(config, second.access_token, links, 'GET'),
      (error) => error.cause?.[0]?.parameters?.error === 'invalid_token');
  });

test('a page of somebody else in between is noticed by the library', async () => {
  const config = await configure(shop, client.ClientSecretBasic(shop.secret));
  for (const [change, complaint] of [
    [(told) => told.set('iss', 'https://evil.example'), /unexpected "iss"/],
    [(told) => told.delete('iss'), /"iss" .*missing/],
    [(told) => told.set('state', 'of-somebody-else'), /unexpected "state"/],
  ]) {
    const { target, checks } = await begin(config, shop);
    const location = new URL((await owner.open(target)).location);
    change(location.searchParams);
    await assert.rejects(client.authorizationCodeGrant(config, location, checks), (error) =>
      complaint.test(`${error.message} ${error.cause?.message}`));
  }
});

test('the metadata tells what is true', async () => {
  const answer = await server.send('GET', '/.well-known/oauth-authorization-server');
  assert.equal(answer.headers['content-type'], 'application/json');
  const { json } = answer;
  assert.equal(json.issuer, server.issuer);
  for (const name of ['authorization_endpoint', 'token_endpoint', 'revocation_endpoint']) {
    const { origin, pathname, search, hash } = new URL(json[name]);
    assert.deepEqual([origin, search, hash], [server.issuer, '', ''], name);
    assert.notEqual((await server.send('POST', pathname, { form: {} })).status, 404, name);
  }
  assert.deepEqual(json.response_types_supported, ['code']);
  assert.deepEqual(json.response_modes_supported, ['query']);
  assert.deepEqual(json.grant_types_supported, ['authorization_code', 'refresh_token']);
  assert.deepEqual(json.code_challenge_methods_supported, ['S256']);
  assert.equal(json.authorization_response_iss_parameter_supported, true);
  assert.ok(scopes.every((scope) => json.scopes_supported.includes(scope)));
  for (const list of Object.values(json).filter(Array.isArray)) assert.equal(new Set(list).size, list.length);
  assert.equal((await server.send('GET', '/.well-known/openid-configuration')).status, 404);
});

test('whoever is not signed in is asked to, and is led on to what was asked for', async () => {
  const { owner: person } = server;
  const page = await person.authorize(till.request());
  assert.equal(headingOf(page.text), 'Sign in');
  assert.equal(headingOf((await person.fill(page)).text), 'Allow Till to act for Acme Sandbox?');
  // What is wrong with a request is told to the application after that.
  const { owner: another } = server;
  const asked = await another.authorize(shop.request({ scope: 'everything' }));
  assert.equal(headingOf(asked.text), 'Sign in');
  const { location } = await another.fill(asked);
  assert.ok(location.startsWith(`${uri}?error=invalid_scope&`), location);
});

test('an address with a query keeps it', async () => {
  const query = `${uri}?a=b%20c&d`;
  const one = await server.addApplication({ name: 'Query', uris: [query], scopes });
  const location = await owner.allow(one.request());
  assert.ok(location.startsWith(`${query}&code=`), location);
  const tokens = one.exchange(new URL(location).searchParams.get('code'));
  assert.equal((await tokens).status, 200);
  const refused = await owner.authorize(one.request({ scope: 'everything' }));
  assert.ok(refused.location.startsWith(`${query}&error=invalid_scope&`), refused.location);
});

test('the page says who asks, where it runs and what for; refused, the application is told so', async () => {
  const config = await configure(till, client.None());
  const { target, checks } = await begin(config, till);
  const page = await owner.open(target);
  judge(page, { issuer: server.issuer, applications: [till], secrets: new Map([[till.verifier, 'a verifier']]) });
  assert.equal(headingOf(page.text), 'Allow Till to act for Acme Sandbox?');
  for (const part of ['Application Till ', 'Runs at com.example.till ', owner.email, ...sentences(scopes)])
    assert.ok(textOf(page.text).includes(part), `the page lacks ${part}`);
  assert.deepEqual(formsOf(page.text).flatMap(({ buttons }) => [...buttons.keys()]), ['Allow', 'Refuse']);
  const { location } = await owner.press(page, 'Refuse');
  await assert.rejects(client.authorizationCodeGrant(config, new URL(location), checks),
    { name: 'AuthorizationResponseError', error: 'access_denied' });
});

test('whoever is in several organizations chooses one, and the tokens are for that one', async () => {
  const reading = ['organization.read', 'payment_link.read'];
  const all = await server.addApplication({ name: 'Books', uris: [uri], scopes: reading });
  for (const [name, slug] of [['Acme Sandbox', server.ready.organization.slug], ['The Bakery', 'bakery']]) {
    const choice = await ada.authorize(all.request());
    judge(choice, { issuer: server.issuer, applications: [all], secrets: new Map([[all.verifier, 'a verifier']]) });
    assert.equal(headingOf(choice.text), 'Which organization is Books to act for?');
    const page = await ada.open(linkOf(choice.text, name));
    assert.equal(headingOf(page.text), `Allow Books to act for ${name}?`);
    const { location } = await ada.press(page, 'Allow');
    const tokens = await all.tokens(all.exchange(new URL(location).searchParams.get('code')));
    assert.equal(await organization(tokens.access), slug);
  }
  const named = await ada.authorize(all.request({ organization_id: bakery.id }));
  assert.ok(new URL(named.location).searchParams.has('code'), 'it was named, and allowed before');
  const strange = await owner.authorize(all.request({ organization_id: bakery.id }));
  assert.deepEqual([strange.status, headingOf(strange.text)], [403, 'You have no access']);
  assert.ok(textOf(strange.text).includes(`You are signed in as ${owner.email}. Your account`));
});

test('whoever is in several organizations can refuse without choosing one', async () => {
  const request = till.request();
  const { location } = await ada.press(await ada.authorize(request), 'Refuse');
  const told = new URL(location).searchParams;
  assert.ok(location.startsWith(`${till.uris[0]}?`), location);
  assert.deepEqual([told.get('error'), told.get('state')], ['access_denied', request.state]);
  const choice = await ada.authorize(till.request());
  const form = formsOf(choice.text).find(({ buttons }) => buttons.has('Refuse'));
  for (const [name, fields, heading] of [
    ['it is no way to say yes', { decision: 'approve' }, 'This address is damaged'],
    ['nor is it good from elsewhere', { token: 'x' }, 'This page was open for too long'],
  ]) {
    const answer = await ada.ask('POST', form.action, { form: { ...form.fields, ...fields } });
    assert.equal(headingOf(answer.text), heading, name);
  }
});

test('an application with a secret is asked about once, unless it wants more', async () => {
  const greedy = await server.addApplication({ name: 'Greedy', uris: [uri], scopes });
  const few = { scope: 'payment_link.read' };
  assert.equal(headingOf((await owner.authorize(greedy.request(few))).text), 'Allow Greedy to act for Acme Sandbox?');
  await greedy.connect(owner, few);
  assert.ok((await owner.authorize(greedy.request(few))).location, 'it is remembered');
  const more = await owner.authorize(greedy.request());
  assert.ok(more.text.includes('You have allowed Greedy to act for Acme Sandbox before.'), headingOf(more.text));
  await owner.press(more, 'Refuse');
  assert.ok(!(await owner.authorize(greedy.request())).location, 'it was refused');
  await greedy.connect(owner);
  for (const scope of [undefined, 'payment_link.write', 'payment_link.read offline_access'])
    assert.ok((await owner.authorize(greedy.request(scope && { scope }))).location, 'all of it is remembered');
});

test('a public application is asked about each time', async () => {
  for (let i = 0; i < 3; i += 1) {
    assert.equal(headingOf((await owner.authorize(till.request())).text), 'Allow Till to act for Acme Sandbox?');
    await till.connect(owner);
  }
});

test('a member gives no more than the role allows', async () => {
  const rita = await (await server.addPerson({ email: 'rita@acme.example', role: 'reporter' })).signIn();
  const page = await rita.authorize(shop.request());
  const [given, withheld] = textOf(page.text).split('It also asks for this, which your role does not let you allow');
  const [read, write] = sentences(['payment_link.read', 'payment_link.write']);
  assert.ok(given.includes(read) && !given.includes(write) && withheld.includes(write) && !withheld.includes(read));
  const { location } = await rita.press(page, 'Allow');
  const tokens = await shop.tokens(shop.exchange(new URL(location).searchParams.get('code')));
  assert.equal(tokens.scope, 'offline_access payment_link.read');
  assert.equal((await server.call(tokens.access, 'POST', '/v2/payment_links', {})).status, 403);
});

test('revoked on the account page, all tokens are dead within a second, and it has to ask again', async () => {
  const plugin = await server.addApplication({ name: 'Plugin', uris: [uri], scopes });
  const [first, second] = [await plugin.connect(owner), await plugin.connect(owner)];
  const code = await owner.code(plugin);
  assert.equal((await server.call(first.access)).status, 200);
  const account = await owner.open('/account');
  const form = formsOf(account.text).find(({ fields }) => fields.client === plugin.id);
  const begun = Date.now();
  const done = await owner.follow(await owner.ask('POST', form.action, { form: form.fields }));
  assert.equal(done.status, 200);
  assert.ok(!done.text.includes('>Plugin<'));
  await assertDeadWithinASecond(begun, first.access, second.access);
  for (const { refresh } of [first, second]) assert.equal((await plugin.refresh(refresh)).status, 400);
  assert.equal((await plugin.exchange(code)).status, 400, 'a code from before');
  assert.equal(headingOf((await owner.authorize(plugin.request())).text), 'Allow Plugin to act for Acme Sandbox?');
});
