// Requests to the token and revocation endpoints that must not succeed. Cases as in negative_authorize.mjs.

import { uri } from './negative_world.mjs';
import { challengeOf } from './application.mjs';

const none = '00000000-0000-4000-8000-000000000000';
const form = 'application/x-www-form-urlencoded';
const token = '/oauth2/token';
const revoke = '/oauth2/revoke';

const refused = (status, error, says) => ({ refused: [status, error, says] });
const badRequest = refused(400, 'invalid_request');
const badGrant = refused(400, 'invalid_grant');
const badClient = refused(401, 'invalid_client');

const without = (fields, ...names) =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
const twice = (fields, name, second = fields[name]) => [...Object.entries(fields), [name, second]];
const changed = (word, at = -1) => {
  const letters = [...word], i = letters.length + at;
  letters[i] = letters[i] === 'a' ? 'b' : 'a';
  return letters.join('');
};
const basic = (text) => `Basic ${Buffer.from(text).toString('base64')}`;

// The exchange of a fresh code of `of`, which `change` spoils: to another form, or to {form, headers}.
function exchange(name, of, change, expected, asked = {}) {
  const run = async (world) => {
    const application = world[of];
    const good = application.codeForm(await world.owner.code(application, asked));
    const spoilt = change instanceof Function ? await change(good, world) : { ...good, ...change };
    const { form: fields = spoilt, headers } = spoilt.form ? spoilt : {};
    return application.post(token, fields, headers);
  };
  return { name: `code of ${of}: ${name}`, run, expected };
}

function refresh(name, of, change, expected) {
  const run = async (world) => {
    const application = world[of];
    const tokens = await application.connect(world.owner);
    const good = application.refreshForm(tokens.refresh);
    const spoilt = change instanceof Function ? await change(good, world, tokens) : { ...good, ...change };
    return application.post(token, spoilt);
  };
  return { name: `refresh token of ${of}: ${name}`, run, expected };
}

// Ways to say who one is that prove nothing: each gives the fields and headers that do so.
const proofs = [
  ['none at all', () => ({}), refused(401, 'invalid_client', /client_id is missing/)],
  ['the id alone', ({ shop }) => ({ fields: { client_id: shop.id } }),
    refused(401, 'invalid_client', /client_secret is missing/)],
  ['an empty secret', ({ shop }) => ({ fields: { client_id: shop.id, client_secret: '' } })],
  ['a secret without an id', ({ shop }) => ({ fields: { client_secret: shop.secret } })],
  ['another secret', ({ shop }) => ({ fields: { client_id: shop.id, client_secret: changed(shop.secret) } }),
    refused(401, 'invalid_client', /client_secret is not one of its/)],
  ['the secret of another', ({ shop, other }) => ({ fields: { client_id: shop.id, client_secret: other.secret } })],
  ['the id of another', ({ shop, other }) => ({ fields: { client_id: other.id, client_secret: shop.secret } })],
  ['half a secret', ({ shop }) => ({ fields: { client_id: shop.id, client_secret: shop.secret.slice(0, 20) } })],
  ['a secret and more', ({ shop }) => ({ fields: { client_id: shop.id, client_secret: `${shop.secret}x` } })],
  ['a secret with a space', ({ shop }) => ({ fields: { client_id: shop.id, client_secret: `${shop.secret} ` } })],
  ['a secret of other letters', ({ shop }) =>
    ({ fields: { client_id: shop.id, client_secret: shop.secret.toUpperCase() } })],
  ['a secret of 10,000 letters', ({ shop }) => ({ fields: { client_id: shop.id, client_secret: 'x'.repeat(10_000) } })],
  ['a secret that is SQL', ({ shop }) => ({ fields: { client_id: shop.id, client_secret: "' OR ''='" } })],
  ['an unknown id', ({ shop }) => ({ fields: { client_id: none, client_secret: shop.secret } })],
  ['an id that is none', ({ shop }) => ({ fields: { client_id: 'shop', client_secret: shop.secret } })],
  ['an id and more', ({ shop }) => ({ fields: { client_id: `${shop.id}0`, client_secret: shop.secret } })],
  ['one that was deleted', ({ gone }) => ({ fields: { client_id: gone.id, client_secret: gone.secret } })],
  ['an API key for a secret', ({ shop, server }) =>
    ({ fields: { client_id: shop.id, client_secret: server.ready.api_key.secret_key } })],
  ['an access token for a secret', ({ shop, server }) =>
    ({ fields: { client_id: shop.id, client_secret: server.ready.access_token } })],
  ['a signed assertion', ({ shop }) => ({
    fields: {
      client_id: shop.id, client_assertion: 'eyJhbGciOiJub25lIn0.e30.',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    },
  })],
  ['a public one\'s id', ({ till }) => ({ fields: { client_id: till.id } }), badGrant],
  ['a public one with a secret', ({ till, shop }) => ({ fields: { client_id: till.id, client_secret: shop.secret } })],
  ['a public one by basic', ({ till }) => ({ headers: { authorization: basic(`${till.id}:`) } })],
  ['a public one by basic with a secret', ({ till }) => ({ headers: { authorization: basic(`${till.id}:x`) } })],
  ['basic with another secret', ({ shop }) =>
    ({ headers: { authorization: basic(`${shop.id}:${changed(shop.secret)}`) } })],
  ['basic with no secret', ({ shop }) => ({ headers: { authorization: basic(`${shop.id}:`) } })],
  ['basic without a colon', ({ shop }) => ({ headers: { authorization: basic(shop.id) } })],
  ['basic with no id', ({ shop }) => ({ headers: { authorization: basic(`:${shop.secret}`) } })],
  ['basic with nothing', () => ({ headers: { authorization: 'Basic ' } })],
  ['basic with the scheme alone', () => ({ headers: { authorization: 'Basic' } })],
  ['an empty field', () => ({ headers: { authorization: '' } })],
  ['basic in plain text', ({ shop }) => ({ headers: { authorization: `Basic ${shop.id}:${shop.secret}` } })],
  ['basic that is no base64', () => ({ headers: { authorization: 'Basic !!!!' } })],
  ['basic with a percent sign alone', ({ shop }) => ({ headers: { authorization: basic(`${shop.id}:%`) } })],
  ['basic in base64 twice', ({ shop }) =>
    ({ headers: { authorization: basic(Buffer.from(`${shop.id}:${shop.secret}`).toString('base64')) } })],
  ['basic and more behind it', ({ shop }) => ({ headers: { authorization: `${shop.basic} x` } })],
  ['the API\'s scheme', ({ server }) => ({ headers: { authorization: `Bearer ${server.ready.access_token}` } })],
  ['the API\'s key', ({ server }) =>
    ({ headers: { authorization: `${server.ready.api_key.login}:${server.ready.api_key.secret_key}` } })],
  ['another scheme', ({ shop }) => ({ headers: { authorization: shop.basic.replace('Basic', 'Digest') } })],
  ['basic and the secret in the form', ({ shop }) =>
    ({ headers: { authorization: shop.basic }, fields: { client_secret: shop.secret } }), badRequest],
  ['basic and another secret in the form', ({ shop }) =>
    ({ headers: { authorization: shop.basic }, fields: { client_secret: 'x' } }), badRequest],
  ['basic and the id of another', ({ shop, other }) =>
    ({ headers: { authorization: shop.basic }, fields: { client_id: other.id } }), badRequest],
  ['basic twice', ({ shop }) => ({ headers: { authorization: [shop.basic, shop.basic] } }), badRequest],
  ['basic of two', ({ shop, other }) => ({ headers: { authorization: [shop.basic, other.basic] } }), badRequest],
  ['two ids', ({ shop, other }) =>
    ({ fields: [['client_id', shop.id], ['client_id', other.id], ['client_secret', shop.secret]] }), badRequest],
  ['two secrets', ({ shop }) =>
    ({ fields: [['client_id', shop.id], ['client_secret', 'x'], ['client_secret', shop.secret]] }), badRequest],
];

const strangers = proofs.flatMap(([name, say, expected = badClient]) => [
  exchange(`proof: ${name}`, 'shop', (good, world) => {
    const { fields = {}, headers } = say(world);
    const rest = Object.entries(without(good, 'client_id', 'client_secret'));
    return { form: [...rest, ...(Array.isArray(fields) ? fields : Object.entries(fields))], headers };
  }, expected),
  {
    name: `revocation: proof: ${name}`,
    // What a public application may not, nobody is told (RFC 7009, section 2.2); the token lives on.
    async run(world) {
      const { access } = await world.shop.connect(world.owner);
      const { fields = {}, headers } = say(world);
      const all = [['token', access], ...(Array.isArray(fields) ? fields : Object.entries(fields))];
      const answer = await world.shop.post(revoke, all, headers);
      return { ...answer, alive: access };
    },
    expected: expected === badGrant ? refused(200) : expected,
  },
]);

const grantTypes = ['password', 'client_credentials', 'implicit', 'Authorization_code', 'authorization_code ',
  'urn:ietf:params:oauth:grant-type:device_code', 'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:ietf:params:oauth:grant-type:saml2-bearer', 'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:openid:params:grant-type:ciba', 'code', 'refresh', 'authorization_code,refresh_token']
  .map((type) => exchange(`grant_type ${JSON.stringify(type)}`, 'shop', { grant_type: type },
    refused(400, 'unsupported_grant_type')));

const passwords = exchange('the owner\'s password instead of a code', 'shop', (good, { server }) => {
  const { email, password } = server.ready.user;
  return { ...without(good, 'code'), grant_type: 'password', username: email, password };
}, refused(400, 'unsupported_grant_type'));

const codes = [
  ['no grant_type', (good) => without(good, 'grant_type'), badRequest],
  ['an empty grant_type', { grant_type: '' }, badRequest],
  ['grant_type twice', (good) => twice(good, 'grant_type'), badRequest],
  ['both grant types', (good) => twice(good, 'grant_type', 'refresh_token'), badRequest],
  ['no code', (good) => without(good, 'code'), badRequest],
  ['an empty code', { code: '' }, badRequest],
  ['code twice', (good) => twice(good, 'code'), refused(400, 'invalid_request', /parameter code came more than once/)],
  ['an unknown parameter twice', (good) => twice({ ...good, x: '1' }, 'x', '2'), badRequest],
  ['a code that is none', { code: 'x' }, badGrant],
  ['a code that is SQL', { code: "' OR 1=1 --" }, badGrant],
  ['a code with a zero', (good) => ({ ...good, code: `${good.code}\0` }), badRequest],
  ['a code and more', (good) => ({ ...good, code: `${good.code}x` }), badGrant],
  ['a code with a space', (good) => ({ ...good, code: `${good.code} ` }), badGrant],
  ['half a code', (good) => ({ ...good, code: good.code.slice(0, 40) }), badGrant],
  ['a code with another end', (good) => ({ ...good, code: changed(good.code) }), badGrant],
  ['a code with another middle', (good) => ({ ...good, code: changed(good.code, -30) }), badGrant],
  ['a code of other letters', (good) => ({ ...good, code: good.code.toUpperCase() }), badGrant],
  ['a code of 10,000 letters', { code: 'a'.repeat(10_000) }, badGrant],
  ['an access token for a code', async (good, { shop, owner }) =>
    ({ ...good, code: (await shop.connect(owner)).access }), badGrant],
  ['a refresh token for a code', async (good, { shop, owner }) =>
    ({ ...good, code: (await shop.connect(owner)).refresh }), badGrant],
  ['an API key for a code', (good, { server }) => ({ ...good, code: server.ready.api_key.secret_key }), badGrant],
  ['by another application with the same address', (good, { other }) => ({ ...good, ...other.proof() }), badGrant],
  ['by a public application', (good, { till }) => ({ ...without(good, 'client_secret'), ...till.proof() }), badGrant],
  ['no redirect_uri', (good) => without(good, 'redirect_uri'), badRequest],
  ['an empty redirect_uri', { redirect_uri: '' }, badRequest],
  ['redirect_uri twice', (good) => twice(good, 'redirect_uri'), badRequest],
  ['another redirect_uri of its own', { redirect_uri: 'https://shop.example/other?a=1' },
    refused(400, 'invalid_grant', /redirect_uri is not the one/)],
  ['somebody else\'s redirect_uri', { redirect_uri: 'https://evil.example/' }, badGrant],
  ...[`${uri}/`, `${uri}?`, `${uri}#`, `${uri} `, uri.toUpperCase(), uri.replace('callback', '%63allback')]
    .map((redirect) => [`redirect_uri ${redirect}`, { redirect_uri: redirect }, badGrant]),
  ['no verifier', (good) => without(good, 'code_verifier'),
    refused(400, 'invalid_grant', /code_verifier is missing/)],
  ['an empty verifier', { code_verifier: '' }, badGrant],
  ['verifier twice', (good) => twice(good, 'code_verifier'), badRequest],
  ['another verifier', { code_verifier: 'a'.repeat(43) },
    refused(400, 'invalid_grant', /code_verifier does not belong/)],
  ['the verifier and more', (good) => ({ ...good, code_verifier: `${good.code_verifier}x` }), badGrant],
  ['the challenge for a verifier', (good) => ({ ...good, code_verifier: challengeOf(good.code_verifier) }), badGrant],
  ['the verifier padded', (good) => ({ ...good, code_verifier: `${good.code_verifier}=` }), badGrant],
  ['again, under the same idempotency key', async (good, { shop }) => {
    const headers = { 'idempotency-key': 'once' };
    await shop.tokens(shop.post(token, good, headers));
    return { form: good, headers };
  }, badGrant],
  ['the verifier of another', (good, { other }) => ({ ...good, code_verifier: other.verifier }), badGrant],
].map(([name, change, expected]) => exchange(name, 'shop', change, expected));

// Verifiers that RFC 7636 does not allow, with the challenge that is theirs.
const verifiers = [
  ['42 letters', 'a'.repeat(42)], ['129 letters', 'a'.repeat(129)], ['1 letter', 'a'],
  ['a space', `${'a'.repeat(42)} `], ['a plus', `${'a'.repeat(42)}+`], ['a slash', `${'a'.repeat(42)}/`],
  ['an equals sign', `${'a'.repeat(42)}=`], ['a percent sign', `${'a'.repeat(42)}%`],
  ['an accent', `${'a'.repeat(42)}é`],
].flatMap(([name, verifier]) => ['shop', 'till'].map((of) =>
  exchange(`a verifier of ${name}, with its own challenge`, of, { code_verifier: verifier }, badGrant,
    { code_challenge: challengeOf(verifier) })));

const publicCodes = [
  ['no verifier', (good) => without(good, 'code_verifier'), badGrant],
  ['another verifier', { code_verifier: 'a'.repeat(43) }, badGrant],
  ['the challenge for a verifier', (good) => ({ ...good, code_verifier: challengeOf(good.code_verifier) }), badGrant],
  ['a secret', { client_secret: 'x' }, badClient],
  ['by an application with a secret', (good, { shop }) => ({ ...good, ...shop.proof() }), badGrant],
  ['another redirect_uri of its own', { redirect_uri: 'http://127.0.0.1/till' }, badGrant],
  ['the port of somebody else', { redirect_uri: 'http://127.0.0.1:8081/till' }, badGrant,
    { redirect_uri: 'http://127.0.0.1:8080/till' }],
  ['no port where one was', { redirect_uri: 'http://127.0.0.1/till' }, badGrant,
    { redirect_uri: 'http://127.0.0.1:8080/till' }],
].map(([name, change, expected, asked]) => exchange(name, 'till', change, expected, asked));

// Somebody has cut the challenge off on its way: the verifier then belongs to nothing.
const downgrade = exchange('a verifier to a request whose challenge was cut off', 'shop', {},
  refused(400, 'invalid_grant', /without a code_challenge/),
  { code_challenge: undefined, code_challenge_method: undefined });

const refreshes = [
  ['no refresh_token', (good) => without(good, 'refresh_token'), badRequest],
  ['an empty refresh_token', { refresh_token: '' }, badRequest],
  ['refresh_token twice', (good) => twice(good, 'refresh_token'), badRequest],
  ['one that is none', { refresh_token: 'x' }, badGrant],
  ['one and more', (good) => ({ ...good, refresh_token: `${good.refresh_token}x` }), badGrant],
  ['half of one', (good) => ({ ...good, refresh_token: good.refresh_token.slice(0, 40) }), badGrant],
  ['another end', (good) => ({ ...good, refresh_token: changed(good.refresh_token) }), badGrant],
  ['other letters', (good) => ({ ...good, refresh_token: good.refresh_token.toUpperCase() }), badGrant],
  ['the access token', (good, world, { access }) => ({ ...good, refresh_token: access }), badGrant],
  ['a code', async (good, { shop, owner }) => ({ ...good, refresh_token: await owner.code(shop) }), badGrant],
  ['an API key', (good, { server }) => ({ ...good, refresh_token: server.ready.api_key.secret_key }), badGrant],
  ['of another application', async (good, { other, owner }) =>
    ({ ...good, refresh_token: (await other.connect(owner)).refresh }), badGrant],
  ['of a public application', async (good, { till, owner }) =>
    ({ ...good, refresh_token: (await till.connect(owner)).refresh }), badGrant],
  ['by another application', (good, { other }) => ({ ...good, ...other.proof() }), badGrant],
  ['by a public application', (good, { till }) => ({ ...without(good, 'client_secret'), ...till.proof() }), badGrant],
  ['without a secret', (good) => without(good, 'client_secret'), badClient],
  ['with another secret', { client_secret: 'x' }, badClient],
  ['a scope twice', (good) => twice({ ...good, scope: 'payment_link.read' }, 'scope'), badRequest],
  ['a scope that was not granted', { scope: 'payment_link.read webhook' },
    refused(400, 'invalid_scope', /not webhook\./)],
  ['every scope it has, and one more', { scope: 'offline_access payment_link.read payment_link.write team.read' },
    refused(400, 'invalid_scope', /not team\.read\./)],
  ['an unknown scope', { scope: 'everything' }, refused(400, 'invalid_scope', /scope everything is unknown/)],
  ['a scope in other letters', { scope: 'PAYMENT_LINK.READ' }, refused(400, 'invalid_scope')],
  ['two spaces between scopes', { scope: 'payment_link.read  payment_link.write' }, refused(400, 'invalid_scope')],
  ['a code instead', { code: 'x', grant_type: 'authorization_code' }, badRequest],
].map(([name, change, expected]) => refresh(name, 'shop', change, expected));

const publicRefreshes = [
  ['with a secret', { client_secret: 'x' }, badClient],
  ['by an application with a secret', (good, { shop }) => ({ ...good, ...shop.proof() }), badGrant],
  ['without an id', (good) => without(good, 'client_id'), badClient],
].map(([name, change, expected]) => refresh(name, 'till', change, expected));

const revocations = [
  ['no token', (good) => without(good, 'token'), badRequest],
  ['an empty token', { token: '' }, badRequest],
  ['token twice', (good) => twice(good, 'token'), badRequest],
  ['by another application', (good, { other }) => ({ ...good, ...other.proof() }), refused(200)],
  ['half of it', (good) => ({ ...good, token: good.token.slice(0, 40) }), refused(200)],
  ['of a wrong kind by its hint, and another end', (good) =>
    ({ ...good, token: changed(good.token), token_type_hint: 'refresh_token' }), refused(200)],
  ['in the query', (good) => ({ fields: without(good, 'token'), query: `?token=${good.token}` }), badRequest],
].map(([name, change, expected]) => ({
  name: `revocation: ${name}`,
  async run(world) {
    const { access } = await world.shop.connect(world.owner);
    const good = { token: access, ...world.shop.proof() };
    const spoilt = change instanceof Function ? change(good, world) : { ...good, ...change };
    const answer = await world.shop.post(revoke + (spoilt.query ?? ''), spoilt.fields ?? spoilt);
    return { ...answer, alive: access };
  },
  expected,
}));

// What is asked for first is told first.
const nothing = { [token]: badRequest, [revoke]: badClient };

const as = (type, body) => ({ body, headers: { 'content-type': type } });
const jsonOf = (text) => JSON.stringify(Object.fromEntries(new URLSearchParams(text)));

// The same broken request to both endpoints.
const broken = [
  ...['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) =>
    [`by ${method}`, method, (text) => as(form, text), refused(405)]),
  ['by GET with everything in the query', 'GET', (text) => ({ query: `?${text}` }), refused(405)],
  ['with everything in the query', 'POST', (text) => ({ query: `?${text}`, ...as(form, '') }), nothing],
  ['without a type', 'POST', (text) => ({ body: text })],
  ['as JSON', 'POST', (text) => as('application/json', jsonOf(text))],
  ['as JSON that says it is a form', 'POST', (text) => as(form, jsonOf(text)), nothing],
  ...['text/plain', 'multipart/form-data', 'multipart/form-data; boundary=x', `${form}x`, `x${form}`, 'application/*',
    '*/*', '', `text/plain, ${form}`]
    .map((type) => [`as ${type || 'an empty type'}`, 'POST', (text) => as(type, text)]),
  ['with two types', 'POST', (text) => as([form, 'text/plain'], text)],
  ['with nothing in it', 'POST', () => as(form, ''), nothing],
  ...[['half a percent sign', '&x=%'], ['a percent sign with other letters', '&x=%zz'], ['no UTF-8', '&x=%ff'],
    ['an overlong slash', '&x=%c0%af'], ['half a surrogate', '&x=%ed%a0%80']]
    .map(([name, more]) => [`with ${name}`, 'POST', (text) => as(form, text + more)]),
  ['of 300 KiB', 'POST', (text) => as(form, `${text}&x=${'x'.repeat(300 << 10)}`), refused(413)],
  ['with a field of 20 KiB', 'POST', (text) =>
    ({ body: text, headers: { 'content-type': form, authorization: `Basic ${'A'.repeat(20 << 10)}` } }), refused(431)],
].flatMap(([name, method, spoil, expected = badRequest]) => [token, revoke].map((target) => ({
  name: `${method} ${target} ${name}`,
  async run(world) {
    const { shop, owner, server } = world;
    const good = target === token ? shop.codeForm(await owner.code(shop))
      : { token: (await shop.connect(owner)).access, ...shop.proof() };
    const { query = '', ...rest } = spoil(new URLSearchParams(good).toString());
    return { ...await server.send(method, target + query, rest), alive: good.token };
  },
  expected: expected[target] ?? expected,
})));

// Browsers ask first whether a page of somebody else may send it. Nobody says yes.
const question = {
  'origin': 'https://evil.example',
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization, content-type',
};
const preflights = [token, revoke, '/oauth2/auth', '/v2/oauth2/consents', '/.well-known/oauth-authorization-server']
  .map((target) => ({
    name: `OPTIONS ${target} from a page of somebody else`,
    run: ({ server }) => server.send('OPTIONS', target, { headers: question }),
    expected: refused(405),
  }));

export const cases = [...strangers, ...grantTypes, passwords, ...codes, ...verifiers, ...publicCodes, downgrade,
  ...refreshes, ...publicRefreshes, ...revocations, ...broken, ...preflights];
