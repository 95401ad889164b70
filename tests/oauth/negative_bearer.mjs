// Requests to the API by what is no access token, or by one that may not do it. Cases as in negative_authorize.mjs; a
// `challenge` is the field WWW-Authenticate (RFC 6750, section 3).

import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

import { root } from '../support/sandbox_process.mjs';
import { challengeOf } from './application.mjs';
import { queryOf } from './person.mjs';

const alone = 'Bearer realm="paylink"';
const invalid = 'Bearer realm="paylink", error="invalid_token"';
const lacking = (scope) => `Bearer realm="paylink", error="insufficient_scope", scope="${scope}"`;
const target = '/v2/payment_links?per_page=1';

const changed = (word, at = 1) => {
  const letters = [...word], i = letters.length - at;
  letters[i] = letters[i] === 'a' ? 'b' : 'a';
  return letters.join('');
};

// `say` gives the Authorization field, or {headers, query, body, method}.
function asked(name, say, [status, code, challenge]) {
  const run = async (world) => {
    const said = await say(world);
    const { headers = { authorization: said }, query = '', body, method = 'GET' } = said?.headers ? said : {};
    return world.server.send(method, target + query, { headers, body });
  };
  return { name: `API: ${name}`, run, expected: { refused: [status, code], challenge } };
}

const badToken = [401, 'authorization_token_invalid', invalid];
const badKey = [401, 'unauthorized', alone];
const missing = [401, 'authorization_header_missing', alone];

const withToken = (name, change, expected = badToken) => asked(name, async (world) => {
  const tokens = await world.shop.connect(world.owner);
  return change(tokens.access, world, tokens);
}, expected);

const words = [
  asked('nothing', () => ({ headers: {} }), missing),
  asked('an empty field', () => '', badKey),
  asked('a scheme alone', () => 'Bearer', badKey),
  asked('a word', () => 'Bearer x', badToken),
  asked('SQL', () => "Bearer ' OR 1=1 --", badToken),
  asked('10,000 letters', () => `Bearer ${'a'.repeat(10_000)}`, badToken),
  asked('a code', async ({ shop, owner }) => `Bearer ${await owner.code(shop)}`, badToken),
  asked('a used code', async ({ shop, owner }) => {
    const code = await owner.code(shop);
    await shop.tokens(shop.exchange(code));
    return `Bearer ${code}`;
  }, badToken),
  withToken('a refresh token', (access, world, { refresh }) => `Bearer ${refresh}`),
  withToken('an access token and more', (access) => `Bearer ${access}x`),
  withToken('half an access token', (access) => `Bearer ${access.slice(0, 40)}`),
  withToken('another end', (access) => `Bearer ${changed(access)}`),
  withToken('another middle', (access) => `Bearer ${changed(access, 40)}`),
  withToken('other letters', (access) => `Bearer ${access.toUpperCase()}`),
  withToken('two tokens', (access) => `Bearer ${access} ${access}`),
  withToken('two tokens with a comma', (access) => `Bearer ${access},${access}`),
  withToken('a quoted token', (access) => `Bearer "${access}"`),
  withToken('no scheme', (access) => access, badKey),
  ...['Basic', 'DPoP', 'Token', 'MAC', 'Bearer:'].map((scheme) =>
    withToken(`scheme ${scheme}`, (access) => `${scheme} ${access}`, badKey)),
  withToken('as Basic', (access) => `Basic ${Buffer.from(`${access}:`).toString('base64')}`, badKey),
  withToken('the field twice', (access) =>
    ({ headers: { authorization: [`Bearer ${access}`, `Bearer ${access}`] } }), badKey),
  withToken('with an API key besides', (access, { server: { ready } }) => ({
    headers: { authorization: [`Bearer ${access}`, `${ready.api_key.login}:${ready.api_key.secret_key}`] },
  }), badKey),
  withToken('in the query', (access) => ({ headers: {}, query: `&access_token=${access}` }), missing),
  withToken('in a form', (access) => ({
    headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: `access_token=${access}`, method: 'POST',
  }), missing),
  withToken('in a cookie', (access) =>
    ({ headers: { cookie: `access_token=${access}; paylink_session=${access}` } }), missing),
  withToken('in another field', (access) =>
    ({ headers: { 'x-access-token': access, 'proxy-authorization': access } }), missing),
  withToken('one that was given back', async (access, { shop }) => {
    await shop.revoke(access);
    return `Bearer ${access}`;
  }),
  withToken('one whose refresh token was given back', async (access, { shop }, { refresh }) => {
    await shop.revoke(refresh);
    return `Bearer ${access}`;
  }),
  withToken('of a key', (access, { server: { ready } }) => `${ready.api_key.login}:${access}`, badKey),
  asked('an API key', ({ server: { ready } }) => `Bearer ${ready.api_key.secret_key}`, badToken),
  asked('a client secret', ({ shop }) => `Bearer ${shop.secret}`, badToken),
  asked('a client\'s id and secret', ({ shop }) => shop.basic, badKey),
  asked('a session', ({ owner }) => `Bearer ${owner.cookies.get('paylink_session')}`, badToken),
  asked('the cookie of a session', ({ owner }) =>
    ({ headers: { cookie: `paylink_session=${owner.cookies.get('paylink_session')}` } }), missing),
  asked('a verifier', ({ shop }) => `Bearer ${shop.verifier}`, badToken),
  asked('a challenge', ({ shop }) => `Bearer ${challengeOf(shop.verifier)}`, badToken),
  asked('the owner\'s password', ({ server: { ready: { user } } }) => `${user.email}:${user.password}`, badKey),
  asked('an unsigned JWT', () => 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJvd25lciJ9.', badToken),
];

// Every operation that needs a scope, by a token that has none of ours.
const { paths } = parse(fs.readFileSync(path.join(root, 'openapi/paylink.yaml'), 'utf8'), { merge: true });
const operations = Object.entries(paths).flatMap(([route, methods]) => Object.entries(methods)
  .map(([method, { security }]) => ({ route, method: method.toUpperCase(), scope: security?.[0]?.OAuth?.[0] }))
  .filter(({ scope }) => scope));

const scopes = operations.flatMap(({ route, method, scope }) => {
  const where = route.replace('{id}', '00000000-0000-4000-8000-000000000000');
  const refusal = { refused: [403, 'forbidden'], challenge: lacking(scope) };
  const ask = (world, token) => world.server.call(token, method, where, method === 'GET' ? undefined : {});
  return [
    {
      name: `API: ${method} ${route} by a token that may do something else`,
      run: async (world) => ask(world, (await world.idle.connect(world.owner)).access),
      expected: refusal,
    },
    scope.endsWith('.write') ? {
      name: `API: ${method} ${route} by the token of somebody who only looks`,
      run: async (world) => ask(world, (await world.shop.connect(world.looker, { scope: 'payment_link.read' })).access),
      expected: refusal,
    } : {
      name: `API: ${method} ${route} by a token that may only write`,
      run: async (world) => ask(world, (await world.shop.connect(world.owner, { scope: 'payment_link.write' })).access),
      expected: refusal,
    },
  ];
});

const others = [
  {
    name: 'API: DELETE /v2/oauth2/consents by an API key',
    run: ({ server }) => server.call(`${server.ready.api_key.login}:${server.ready.api_key.secret_key}`, 'DELETE',
      '/v2/oauth2/consents'),
    expected: { refused: [403, 'forbidden'], challenge: undefined },
  },
  {
    name: 'API: DELETE /v2/oauth2/consents by nobody',
    run: ({ server }) => server.send('DELETE', '/v2/oauth2/consents'),
    expected: { refused: [401, 'authorization_header_missing'], challenge: alone },
  },
  {
    name: 'API: DELETE /v2/oauth2/consents by a refresh token',
    run: async ({ server, shop, owner }) =>
      server.call((await shop.connect(owner)).refresh, 'DELETE', '/v2/oauth2/consents'),
    expected: { refused: [401, 'authorization_token_invalid'], challenge: invalid },
  },
];

// The other way round: what is no session does not let anybody in.
const pages = ['/account', '/account/password'].flatMap((page) => [
  ['an access token for a session', (tokens) => ({ cookie: `paylink_session=${tokens.access}` })],
  ['an access token', (tokens) => ({ authorization: `Bearer ${tokens.access}` })],
].map(([name, headers]) => ({
  name: `GET ${page} by ${name}`,
  run: async ({ server, shop, owner }) => server.send('GET', page, { headers: headers(await shop.connect(owner)) }),
  expected: { location: `/sign-in${page === '/account' ? '' : `?${queryOf({ return: page })}`}` },
})));

export const cases = [...words, ...scopes, ...others, ...pages];
