// Requests to the authorization endpoint that must not succeed, by somebody who is signed in and would have been given
// a code at once. Each case is {name, run(world), expected}; what is expected is one of
//   page: status       a page of ours, for the person alone
//   told: error        the application is told by its own address; says: what its description must match
//   refused: [status, error, says]   an answer in JSON; without `error` only the status counts

import assert from 'node:assert/strict';

import { headingOf, queryOf, textOf } from './person.mjs';
import { uri } from './negative_world.mjs';

const none = '00000000-0000-4000-8000-000000000000';
const unregistered = 'This application is not set up properly';
const unknown = 'Unknown application';
const damaged = 'This address is damaged';

// A list of pairs instead of an object, so that a name can come twice.
const twice = (request, name, second = request[name]) => [...Object.entries(request), [name, second]];

// `change` makes the query of a good request bad.
function authorization(name, of, change, expected, method = 'GET') {
  const run = async (world) => {
    const request = world[of].request();
    const changed = change instanceof Function ? change(request, world) : { ...request, ...change };
    const query = typeof changed === 'string' ? changed
      : queryOf(Array.isArray(changed) ? changed : Object.entries(changed).filter(([, value]) => value !== undefined));
    return world.owner.ask(method, `/oauth2/auth?${query}`);
  };
  return { name: `${method} /oauth2/auth by ${of}: ${name}`, run, expected };
}

const told = (error, says) => ({ told: error, says });
const page = (status, heading, says) => ({ page: status, heading, says });

const clients = [
  ['no client_id', { client_id: undefined }, /parameter client_id is missing/],
  ['an empty client_id', { client_id: '' }, /parameter client_id is missing/],
  ['the same client_id twice', (request) => twice(request, 'client_id')],
  ['another client_id besides', (request, { other }) => twice(request, 'client_id', other.id)],
  ['a client_id that is unknown', { client_id: none }],
  ['a client_id that is none', { client_id: 'shop' }],
  ['a client_id with a space behind it', (request) => ({ ...request, client_id: `${request.client_id} ` })],
  ['a client_id in brackets', (request) => ({ ...request, client_id: `{${request.client_id}}` })],
  ['a client_id and a half', (request) => ({ ...request, client_id: request.client_id + request.client_id.slice(18) })],
  ['a client_id that is SQL', { client_id: "' OR 1=1 --" }],
  ['a client_id of 8,000 letters', { client_id: 'a'.repeat(8_000) }],
  ['the client_id of one that was deleted', (request, { gone }) => ({ ...request, client_id: gone.id })],
].map(([name, change, says = /its client_id is wrong/]) =>
  authorization(name, 'shop', change, page(400, unknown, says)));

const redirects = [
  ['no redirect_uri', { redirect_uri: undefined }, /parameter redirect_uri is missing/],
  ['an empty redirect_uri', { redirect_uri: '' }, /parameter redirect_uri is missing/],
  ['the same redirect_uri twice', (request) => twice(request, 'redirect_uri')],
  ['somebody else\'s redirect_uri before it', (request) =>
    [['redirect_uri', 'https://evil.example/'], ...Object.entries(request)]],
  ['somebody else\'s redirect_uri behind it', (request) => twice(request, 'redirect_uri', 'https://evil.example/')],
  ...[
    'https://evil.example/callback', 'https://shop.example/', 'https://shop.example', 'https://shop.example/callback/',
    'https://shop.example/callback/..', 'https://shop.example/callback/../evil', 'https://shop.example//callback',
    'https://shop.example/./callback', 'https://shop.example/Callback', 'https://SHOP.example/callback',
    'HTTPS://shop.example/callback', 'http://shop.example/callback', 'https://shop.example:443/callback',
    'https://shop.example:8443/callback', 'https://shop.example./callback',
    'https://shop.example.evil.example/callback',
    'https://evil.example/https://shop.example/callback', 'https://shop.example@evil.example/callback',
    'https://evil.example@shop.example/callback', 'https://shop.example:pass@evil.example/callback',
    'https://shop.example\\@evil.example/callback', 'https://evil.example\\shop.example/callback',
    'https://shop.example/callback?', 'https://shop.example/callback?x=1', 'https://shop.example/callback#',
    'https://shop.example/callback#x', 'https://shop.example/callback;x', 'https://shop.example/callback%20',
    'https://shop.example/callback ', ' https://shop.example/callback', 'https://shop.example/%63allback',
    'https://shop.example/callback%00', 'https://shop.example/callback\r\nX: y',
    'https://shop.example/callback%0d%0aX:%20y', 'https://shop.example%2fcallback', 'https:/shop.example/callback',
    'https:shop.example/callback', '//shop.example/callback', '/callback', 'callback',
    'https://sub.shop.example/callback',
    'https://shop.example/call*', 'https://*.example/callback', 'https://\u0455hop.example/callback',
    'https://shop\u3002example/callback', 'https://xn--hop-1dd.example/callback', 'https://shop.example/callb\u0430ck',
    'https://shop.example/other?a=1&b=2', 'https://shop.example/other?A=1', 'https://shop.example/other?a=2',
    'https://shop.example/other', 'javascript:alert(1)', 'data:text/html,<script>alert(1)</script>',
    'https://shop.example/callback,https://evil.example/', '["https://shop.example/callback"]', 'null', 'about:blank',
    'http://127.0.0.1/till', 'com.example.till:/callback', 'urn:ietf:wg:oauth:2.0:oob', 'http://localhost/callback',
  ].map((redirect) => [`redirect_uri ${JSON.stringify(redirect)}`, { redirect_uri: redirect }]),
].map(([name, change, says = /not one of those that are registered/]) =>
  authorization(name, 'shop', change, page(400, unregistered, says)));

const loopback = [
  'http://127.0.0.1:0/till', 'http://127.0.0.1:65536/till', 'http://127.0.0.1:/till', 'http://127.0.0.1:080/till',
  'http://127.0.0.1:80a/till', 'http://127.0.0.1:-1/till', 'http://127.0.0.1:8080/till/', 'http://127.0.0.1:8080/',
  'http://127.0.0.1:8080@evil.example/till', 'http://127.0.0.1.evil.example/till', 'http://127.0.0.2/till',
  'http://localhost:8080/till', 'http://[::1]:8080/till', 'https://127.0.0.1/till', 'http://127.1/till',
  'http://2130706433/till', 'http://0x7f.0.0.1/till', 'http://127.0.0.1:8080/till?x', 'com.example.till://callback',
  'com.example.till:/callback/', 'com.example.TILL:/callback', 'com.example.till:/', 'com.example.till.evil:/callback',
].map((redirect) =>
  authorization(`redirect_uri ${redirect}`, 'till', { redirect_uri: redirect }, page(400, unregistered)));

const damage = [
  ['half a percent sign', (request) => `${queryOf(request)}&x=%`],
  ['a percent sign with other letters', (request) => `${queryOf(request)}&x=%zz`],
  ['bytes that are no UTF-8', (request) => `${queryOf(request)}&x=%ff`],
  ['an overlong slash', (request) => `${queryOf(request)}&x=%c0%af`],
  ...['client_id', 'redirect_uri', 'response_type', 'scope', 'state'].map((name) =>
    [`a zero behind ${name}`, (request) => ({ ...request, [name]: `${request[name]}\0` })]),
].map(([name, change]) => authorization(name, 'shop', change, page(400, damaged)));

const requests = [
  ['no response_type', { response_type: undefined }, told('invalid_request', /response_type is missing/)],
  ['an empty response_type', { response_type: '' }, told('invalid_request')],
  ['response_type twice', (request) => twice(request, 'response_type'), told('invalid_request')],
  ...['token', 'id_token', 'none', 'code token', 'code id_token', 'code id_token token', 'id_token token', 'token code',
    'Code', 'CODE', ' code', 'code ', 'code,token', 'authorization_code', 'device_code']
    .map((type) =>
      [`response_type ${JSON.stringify(type)}`, { response_type: type },
        told('unsupported_response_type', /response_type must be code/)]),
  ...['fragment', 'form_post', 'jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt', 'web_message', 'Query', 'query ']
    .map((mode) => [`response_mode ${JSON.stringify(mode)}`, { response_mode: mode }, told('invalid_request')]),
  ['response_mode twice', (request) => twice({ ...request, response_mode: 'query' }, 'response_mode'),
    told('invalid_request')],
  ['a request object', { request: 'eyJhbGciOiJub25lIn0.e30.' }, told('request_not_supported')],
  ['the address of a request object', { request_uri: 'https://evil.example/r' }, told('request_uri_not_supported')],
  ['the name of a pushed request', { request_uri: 'urn:ietf:params:oauth:request_uri:x' },
    told('request_uri_not_supported')],
  ['no state', { state: undefined }, told('invalid_request', /state is missing/)],
  ['an empty state', { state: '' }, told('invalid_request', /state is missing/)],
  ['state twice', (request) => twice(request, 'state'), told('invalid_request', /parameter state came more than once/)],
  ['two states', (request) => twice(request, 'state', 'abcdefgh'), told('invalid_request')],
  ['scope twice', (request) => twice(request, 'scope'), told('invalid_request')],
  ['nobody\'s parameter twice', (request) => twice({ ...request, nonce: '1' }, 'nonce', '2'),
    told('invalid_request', /parameter nonce came more than once/)],
  ['a parameter twice that no description can hold', (request) => [...Object.entries(request), ['\u00e9"', '1'],
    ['\u00e9"', '2']], told('invalid_request', /parameter \?\?\? came more than once/)],
  ['organization_id twice', (request) => twice({ ...request, organization_id: none }, 'organization_id'),
    told('invalid_request')],
  ['an organization_id that is none', { organization_id: 'acme-sandbox' },
    told('invalid_request', /organization_id must be .* UUID/)],
  ['an organization_id that is SQL', { organization_id: "' OR 1=1 --" }, told('invalid_request')],
  ['an unknown organization', { organization_id: none },
    page(403, 'You have no access', /its organization_id is wrong/)],
].map(([name, change, expected]) => authorization(name, 'shop', change, expected));

const states = [1, 7, 1_001].map((length) =>
  authorization(`a state of ${length} letters`, 'shop', { state: 'a'.repeat(length) },
    told('invalid_request', /state must have 8 to 1000 characters/)));

const scopes = [
  ['no scope', undefined, /scope is missing/], ['an empty scope', '', /scope is missing/],
  ['an unknown scope', 'everything', /scope everything is unknown/], ['openid', 'openid', /scope openid is unknown/],
  ['one more that is unknown', 'payment_link.read everything', /scope everything is unknown/],
  ['any scope', '*', /scope \* is unknown/], ['all of a kind', 'payment_link.*', /scope payment_link\.\* is unknown/],
  ['scopes of other letters', 'PAYMENT_LINK.READ', /scope PAYMENT_LINK\.READ is unknown/],
  ['a space before', ' payment_link.read', /single spaces/], ['a space behind', 'payment_link.read ', /single spaces/],
  ['two spaces between', 'payment_link.read  payment_link.write', /single spaces/],
  ['a comma between', 'payment_link.read,payment_link.write', /scope payment_link\.read,payment_link\.write is/],
  ['a tab between', 'payment_link.read\tpayment_link.write', /scope payment_link\.read\?payment_link\.write is/],
  ['a line between', 'payment_link.read\npayment_link.write', /scope payment_link\.read\?payment_link\.write is/],
  ['a quote', '"payment_link.read"', /scope \?payment_link\.read\? is unknown/],
  ['a scope it may not ask for', 'webhook', /not registered for webhook\./],
  ['two more that it may not ask for', 'payment_link.read membership.read webhook', /for membership\.read webhook\./],
  ['a scope of 2,000 letters', 'a'.repeat(2_000), /scope a{64}\.\.\. is unknown/],
  ['nothing but a refresh token', 'offline_access', /offline_access alone/],
].map(([name, scope, says]) => authorization(name, 'shop', { scope }, told('invalid_scope', says)));

const proofs = [
  ['no challenge but its method', { code_challenge: undefined }, /code_challenge is missing/],
  ['an empty challenge', { code_challenge: '' }],
  ['a challenge of another method', { code_challenge_method: 'S512' }],
  ['plain', { code_challenge_method: 'plain' }, /code_challenge_method must be S256/],
  ['plain, by leaving the method out', { code_challenge_method: undefined }, /code_challenge_method is missing/],
  ['plain, by an empty method', { code_challenge_method: '' }, /code_challenge_method is missing/],
  ['a method of other letters', { code_challenge_method: 's256' }],
  ['a challenge of 42 letters', { code_challenge: 'a'.repeat(42) }],
  ['a challenge of 44 letters', { code_challenge: 'a'.repeat(44) }],
  ['a challenge of 128 letters', { code_challenge: 'a'.repeat(128) }],
  ['a padded challenge', { code_challenge: `${'a'.repeat(42)}=` }],
  ['a challenge of base64', { code_challenge: `${'a'.repeat(41)}+/` }],
  ['a challenge in hex', { code_challenge: 'a0'.repeat(32) }],
  ['a challenge with a space', { code_challenge: `${'a'.repeat(42)} ` }],
  ['two challenges', (request) => twice(request, 'code_challenge')],
  ['two methods', (request) => twice(request, 'code_challenge_method', 'plain')],
].flatMap(([name, change, says]) =>
  ['shop', 'till'].map((of) => authorization(name, of, change, told('invalid_request', says))));

const withoutProof = authorization('no PKCE at all', 'till',
  { code_challenge: undefined, code_challenge_method: undefined }, told('invalid_request'));

const methods = ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'].map((method) =>
  authorization('a good request', 'shop', {}, { refused: [405] }, method));

// Only somebody who can allow it is asked, and nobody is who is not signed in: not even where to be sent on (RFC 9700,
// section 4.11.2).
const people = [
  ['by nobody', 'nobody', {}], ['by nobody with a bad scope', 'nobody', { scope: 'everything' }],
  ['by nobody with a bad response_type', 'nobody', { response_type: 'token' }],
  ['by nobody without PKCE', 'nobody', { code_challenge: undefined }],
  ['by nobody with prompt=none', 'nobody', { prompt: 'none' }],
  ['by a session that never was', 'forged', {}], ['by an access token as session', 'token', {}],
  ['by a session in an Authorization field', 'bearer', {}],
].map(([name, who, change]) => ({
  name: `GET /oauth2/auth ${name}`,
  async run(world) {
    const { shop, nobody, owner } = world;
    const target = `/oauth2/auth?${queryOf(shop.request(change))}`;
    const session = owner.cookies.get('paylink_session');
    const headers = {};
    if (who === 'forged') headers.cookie = `paylink_session=${session.slice(0, 40)}${'A'.repeat(24)}`;
    if (who === 'token') headers.cookie = `paylink_session=${(await shop.connect(owner)).access}`;
    if (who === 'bearer') headers.authorization = `Bearer ${session}`;
    return nobody.ask('GET', target, { headers });
  },
  expected: { signIn: true },
}));

const roles = [['payment_link.write', 'You cannot allow this for Acme Sandbox'],
  ['payment_link.write offline_access', 'You cannot allow this for Acme Sandbox']].map(([scope, heading]) => ({
  name: `GET /oauth2/auth by somebody who only looks: ${scope}`,
  run: ({ shop, looker }) => looker.ask('GET', `/oauth2/auth?${queryOf(shop.request({ scope }))}`),
  expected: { page: 200, heading, without: 'Allow' },
}));

export const cases = [...clients, ...redirects, ...loopback, ...damage, ...requests, ...states, ...scopes, ...proofs,
  withoutProof, ...methods, ...people, ...roles];

export function check(answer, expected) {
  if (expected.page) {
    assert.equal(answer.status, expected.page, answer.headers.location ?? answer.text);
    assert.equal(headingOf(answer.text), expected.heading);
    if (expected.says) assert.match(textOf(answer.text), expected.says);
    if (expected.without) assert.ok(!answer.text.includes(`>${expected.without}<`));
  } else if (expected.told) {
    const { location } = answer.headers;
    assert.ok(location, `${answer.status} ${headingOf(answer.text)}`);
    const answered = new URL(location).searchParams;
    assert.equal(answered.get('error'), expected.told, location);
    if (expected.says) assert.match(answered.get('error_description'), expected.says);
  } else if (expected.signIn) {
    assert.match(answer.headers.location, /^\/sign-in\?return=%2Foauth2%2Fauth/);
  } else if (expected.location) {
    assert.equal(answer.headers.location, expected.location);
  } else {
    const [status, error, says] = expected.refused;
    assert.equal(answer.status, status, answer.text);
    if (error) assert.equal(answer.json.error ?? answer.json.errors[0].code, error, answer.text);
    if (says) assert.match(answer.json.error_description, says);
    if ('challenge' in expected) assert.equal(answer.headers['www-authenticate'], expected.challenge);
  }
}
