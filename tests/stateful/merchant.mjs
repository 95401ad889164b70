// Steps about who asks and on whose behalf: the connection with the provider, and keys that may do one thing only.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { keep, newKey } from './keys.mjs';
import { jsonType } from './world.mjs';

const links = '/v2/payment_links';
const connections = `${links}/connections`;
const nobody = '01a20979-5aee-72c8-b128-2dfece9233c9';
const long = (length) => '€'.repeat(length);

const wanted = fc.record({
  partner_callback_url: fc.constantFrom('https://shop.example.com/settings', 'http://127.0.0.1:8765/callback',
    `https://shop.example.com/${'x'.repeat(2023)}`),
  user_phone_number: fc.constantFrom('+31612345678', '+3161234', '+316123456789012'),
  business_description: fc.constantFrom(undefined, null, long(80), long(2000)),
  user_website_url: fc.constantFrom(undefined, null, 'http://shop.example.com',
    `https://shop.example.com/${'x'.repeat(230)}`),
});

// In the order in which faults are reported: the field, the values it cannot have, and the code.
const faults = [
  ['partner_callback_url', ['http://shop.example.com/', 'https://shop.example.com@evil.example/', 'shop.example.com',
    'javascript:alert(1)'], 'invalid_format'],
  ['partner_callback_url', ['', `https://shop.example.com/${'x'.repeat(2024)}`], 'out_of_range'],
  ['partner_callback_url', [undefined], 'missing_field'],
  ['partner_callback_url', [null, 7, []], 'invalid_type'],
  ['user_bank_account_id', ['main', ''], 'invalid_format'],
  ['user_bank_account_id', [undefined], 'missing_field'],
  ['user_phone_number', ['0612345678', '+316123', '+3161234567890123', '+31 6 12345678', '+0612345678'],
    'invalid_format'],
  ['user_phone_number', [31612345678, null], 'invalid_type'],
  ['business_description', [long(79), long(2001), ''], 'out_of_range'],
  ['business_description', [false], 'invalid_type'],
  ['user_website_url', ['https://shop.example.com/@me', 'ftp://shop.example.com'], 'invalid_format'],
  ['user_website_url', [`https://shop.example.com/${'x'.repeat(232)}`], 'out_of_range'],
].map(([field, values, code], rank) => ({ field, values, code, rank }));

const wrongs = fc
  .uniqueArray(fc.constantFrom(...faults), { selector: ({ field }) => field, minLength: 1, maxLength: 3 })
  .chain((chosen) => fc.tuple(...chosen.sort((a, b) => a.rank - b.rank)
    .map(({ field, values, code }) => fc.record({ field: fc.constant(field), value: fc.constantFrom(...values),
      code: fc.constant(code) }))));

function begin(world, body, headers = {}) {
  const own = { user_bank_account_id: world.server.ready.bank_account_id };
  const text = JSON.stringify({ ...own, ...body });
  return world.ask('POST', connections, { body: text, headers: { ...jsonType, ...headers } })
    .then((answer) => ({ answer, text }));
}

function finish(world, status) {
  return world.ask('POST', '/sandbox/connections', { body: JSON.stringify({ status }), headers: jsonType,
    credential: null });
}

function expectConnection(world, answer, status) {
  const { connection_location: where, ...rest } = answer.json;
  assert.deepEqual([answer.status, rest], [status,
    { status: world.connection, bank_account_id: world.server.ready.bank_account_id }]);
  assert.ok(where.startsWith(`${world.server.ready.base_url}/connect/`), where);
}

// Takes payments again, whatever came before: each sequence begins so.
export async function reconnect(world) {
  if (world.connection === 'disabled')
    await begin(world, { partner_callback_url: 'https://shop.example.com/', user_phone_number: '+31612345678' });
  if (world.connection !== 'enabled') await finish(world, 'enabled');
  world.connection = 'enabled';
}

const scopes = ['payment_link.read', 'payment_link.write', 'payment_link.create', 'organization.read',
  'membership.read', 'webhook'];

export async function makeKeys(server) {
  const keys = {};
  for (const scope of scopes) keys[scope] = await server.makeKey(scope);
  return keys;
}

// A request, the scope it needs, and its status for whoever has that. To create takes `payment_link.write`, as of the
// original; a key of ours may have `payment_link.create` alone.
const routes = [
  ['GET', links, 'payment_link.read', 200], ['GET', `${links}/${nobody}`, 'payment_link.read', 404],
  ['GET', `${links}/${nobody}/payments`, 'payment_link.read', 404],
  ['GET', `${links}/payment_methods`, 'payment_link.read', 200], ['GET', connections, 'payment_link.read', 200],
  ['POST', links, 'payment_link.write', 400], ['PATCH', `${links}/${nobody}/deactivate`, 'payment_link.write', 404],
  ['POST', connections, 'payment_link.write', 400], ['GET', '/v2/organization', 'organization.read', 200],
  ['GET', '/v2/bank_accounts', 'organization.read', 200], ['GET', '/v2/membership', 'membership.read', 200],
];

export const kinds = {
  connection: [1, {}, async (world) => expectConnection(world, await world.ask('GET', connections), 200)],

  begin: [2, { wanted, key: fc.option(fc.nat(10_000)) }, async (world, mine, { wanted: sent, key }) => {
    const headers = newKey(world, key);
    const { answer, text } = await begin(world, sent, headers);
    if (world.connection !== 'disabled')
      return world.expectFaults(answer, 400, [['multiple_connections_not_allowed', null]], text);
    world.connection = 'pending';
    expectConnection(world, answer, 201);
    keep(world, headers, 'POST connect', connections, text, answer);
  }],

  wrongBegin: [1, { wanted, wrong: wrongs, foreign: fc.boolean() }, async (world, mine, { wanted: sent, wrong,
    foreign }) => {
    const changed = Object.fromEntries(wrong.map(({ field, value }) => [field, value]));
    // Whose the account is, is looked at when nothing else is wrong.
    const { answer, text } = await begin(world, foreign ? { ...sent, user_bank_account_id: nobody }
      : { ...sent, ...changed });
    const expected = foreign ? [['invalid', '/user_bank_account_id']]
      : wrong.map(({ field, code }) => [code, `/${field}`]);
    world.expectFaults(answer, 400, expected, text.slice(0, 1000));
  }],

  finish: [3, { off: fc.nat(19) }, async (world, mine, { off }) => {
    const wish = off === 0 ? 'disabled' : 'enabled';
    const answer = await finish(world, wish);
    if (wish === 'enabled' && world.connection === 'disabled')
      return world.expectFaults(answer, 400, [['invalid_status', null]], wish);
    world.connection = wish;
    assert.deepEqual([answer.status, answer.json], [200,
      { status: wish, bank_account_id: world.server.ready.bank_account_id }]);
  }],

  scope: [3, { held: fc.constantFrom(...scopes), route: fc.constantFrom(...routes) }, async (world, mine, { held,
    route: [method, target, needed, status] }) => {
    const body = method === 'POST' ? '{}' : undefined;
    const answer = await world.ask(method, target, { body, headers: body ? jsonType : {},
      credential: world.scoped[held] });
    if (held === needed || (held === 'payment_link.create' && method === 'POST' && target === links))
      return assert.equal(answer.status, status, `${held}: ${method} ${target}`);
    world.expectFaults(answer, 403, [['forbidden', null]], `${held}: ${method} ${target}`);
    assert.equal(answer.json.errors[0].detail, `missing required oauth scope: ${needed}`);
  }],
};
