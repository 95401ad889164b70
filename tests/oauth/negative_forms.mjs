// The form that allows an application, sent by somebody who was not shown it, or otherwise than it was shown. Cases as
// in negative_authorize.mjs; the application is a public one, about which people are always asked.

import assert from 'node:assert/strict';

import { formsOf, queryOf } from './person.mjs';

const form = 'application/x-www-form-urlencoded';
const expired = { page: 403, heading: 'This page was open for too long' };
const unregistered = { page: 400, heading: 'This application is not set up properly' };
const damaged = { page: 400, heading: 'This address is damaged' };
const signIn = { signIn: true };
const denied = { told: 'access_denied' };

// The form on the page that asks `person` to allow the request.
export async function shown(person, request) {
  const page = await person.ask('GET', `/oauth2/auth?${queryOf(request)}`);
  const [first] = formsOf(page.text).filter(({ buttons }) => buttons.has('Allow'));
  assert.ok(first, page.text);
  return { action: first.action, fields: { ...first.fields, decision: 'approve' } };
}

const withQuery = (action, change) => {
  const query = new URLSearchParams(action.slice(action.indexOf('?') + 1));
  for (const [name, value] of Object.entries(change)) value === undefined ? query.delete(name) : query.set(name, value);
  return `/oauth2/auth?${query}`;
};

const twice = (fields, name, second = fields[name]) => [...Object.entries(fields), [name, second]];
const changed = (text) => text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A');

// `spoil` makes {action, fields} of the good form another, with `headers` or a `body` besides, or sent by another
// `person`.
function submission(name, spoil, expected) {
  const run = async (world) => {
    const { till, owner } = world;
    const request = till.request();
    const good = await shown(owner, request);
    const { action = good.action, fields = good.fields, headers = {}, body, person = owner, method = 'POST' } =
      await spoil(good, world, request);
    const sent = body === undefined && fields ? { form: fields, headers } : { body, headers };
    return person.ask(method, action, sent);
  };
  return { name: `consent: ${name}`, run, expected };
}

const withToken = (name, change) => submission(`${name} for a token`, async ({ fields }, world, request) =>
  ({ fields: { ...fields, token: await change(fields.token, world, request) } }), expired);

// The token of a form that asked about something else.
const ofAnother = (name, change) => withToken(`that of ${name}`, async (token, { till, owner }, request) => {
  const { fields } = await shown(owner, { ...request, ...await change(till, request) });
  assert.notEqual(fields.token, token);
  return fields.token;
});

const tokens = [
  withToken('nothing', () => ''), withToken('a word', () => 'x'), withToken('another end', changed),
  withToken('half of it', (token) => token.slice(0, 20)), withToken('it and more', (token) => `${token}A`),
  withToken('it and a space', (token) => `${token} `), withToken('1,000 letters', () => 'A'.repeat(1_000)),
  withToken('as many zeros', (token) => 'A'.repeat(token.length)),
  withToken('the session', (token, { owner }) => owner.cookies.get('paylink_session')),
  withToken('the state', (token, world, request) => request.state),
  submission('without a token', ({ fields }) => ({ fields: { decision: fields.decision } }), expired),
  submission('with its token twice', ({ fields }) => ({ fields: twice(fields, 'token') }), expired),
  submission('with its token in the query', ({ action, fields }) =>
    ({ action: `${action}&token=${fields.token}`, fields: { decision: 'approve' } }), expired),
  submission('with its token in a cookie', ({ fields }, { owner }) => ({
    fields: { decision: 'approve' },
    headers: { cookie: `paylink_session=${owner.cookies.get('paylink_session')}; token=${fields.token}` },
  }), expired),
  ofAnother('another state', () => ({ state: 'abcdefgh' })),
  ofAnother('fewer scopes', () => ({ scope: 'payment_link.read' })),
  ofAnother('another challenge', () => ({ code_challenge: 'A'.repeat(43) })),
  ofAnother('another redirect_uri', (till) => ({ redirect_uri: till.uris[1] })),
  ofAnother('another port', () => ({ redirect_uri: 'http://127.0.0.1:8080/till' })),
  withToken('that of the account page', async (token, { owner }) => {
    const page = await owner.ask('GET', '/account');
    return formsOf(page.text).find(({ action }) => action === '/account/applications/revoke').fields.token;
  }),
  withToken('that of the sign-out button', async (token, { owner }) => {
    const page = await owner.ask('GET', '/account');
    return formsOf(page.text).find(({ action }) => action === '/sign-out').fields.token;
  }),
  withToken('that of the sign-in form', async (token, { nobody }) => {
    const page = await nobody.ask('GET', '/sign-in');
    return formsOf(page.text)[0].fields.token;
  }),
  submission('that of somebody else for a token', async (good, { owner, looker }, request) => {
    const few = { ...request, scope: 'payment_link.read' };  // which both of them may allow
    const [{ action, fields }, theirs] = [await shown(owner, few), await shown(looker, few)];
    return { action, fields: { ...fields, token: theirs.fields.token } };
  }, expired),
  withToken('that of the same person in another browser', async (token, { server }, request) => {
    const again = await server.owner.signIn();
    return (await shown(again, request)).fields.token;
  }),
];

const cookies = [
  submission('without a cookie', (good, { nobody }) => ({ person: nobody }), signIn),
  submission('with a cookie that never was', (good, { nobody, owner }) => {
    nobody.cookies.set('paylink_session', changed(owner.cookies.get('paylink_session')));
    return { person: nobody };
  }, signIn),
  submission('with the cookie of somebody else', (good, { looker }) => ({ person: looker }), expired),
  submission('with two cookies', (good, { owner, looker, nobody }) => ({
    person: nobody,
    headers: {
      cookie: [owner, looker].map(({ cookies: kept }) => `paylink_session=${kept.get('paylink_session')}`).join('; '),
    },
  }), signIn),
  submission('with a cookie for another name', (good, { owner, nobody }) => ({
    person: nobody, headers: { cookie: `__Host-paylink_session=${owner.cookies.get('paylink_session')}` },
  }), signIn),
  submission('with a session that has ended', async (good, { server }, request) => {
    const person = await server.owner.signIn();
    const form = await shown(person, request);
    const session = person.cookies.get('paylink_session');
    await person.press(await person.open('/account'), 'Sign out');
    person.cookies.set('paylink_session', session);
    return { ...form, person };
  }, signIn),
];

const elsewhere = ['cross-site', 'same-site', '', 'SAME-ORIGIN', 'same-origin, cross-site'].map((site) =>
  submission(`from ${site || 'nowhere'}`, () => ({ headers: { 'sec-fetch-site': site } }), expired));
elsewhere.push(submission('from here and elsewhere', () =>
  ({ headers: { 'sec-fetch-site': ['same-origin', 'cross-site'] } }), expired));

const bodies = [
  ...['application/json', 'text/plain', 'multipart/form-data', `${form}x`, ''].map((type) =>
    submission(`as ${type || 'nothing'}`, ({ fields }) =>
      ({ body: queryOf(fields), headers: { 'content-type': type } }), expired)),
  submission('as JSON', ({ fields }) =>
    ({ body: JSON.stringify(fields), headers: { 'content-type': 'application/json' } }), expired),
  submission('with half a percent sign', ({ fields }) =>
    ({ body: `${queryOf(fields)}&x=%`, headers: { 'content-type': form } }), expired),
  submission('with bytes that are no UTF-8', ({ fields }) =>
    ({ body: `${queryOf(fields)}&x=%ff`, headers: { 'content-type': form } }), expired),
  submission('with nothing in it', () => ({ body: '', headers: { 'content-type': form } }), expired),
  submission('of 300 KiB', ({ fields }) =>
    ({ body: `${queryOf(fields)}&x=${'x'.repeat(300 << 10)}`, headers: { 'content-type': form } }), { refused: [413] }),
];

const decisions = [
  submission('by its other button', ({ fields }) => ({ fields: { ...fields, decision: 'refuse' } }), denied),
  submission('by no button', ({ fields }) => ({ fields: { token: fields.token } }), denied),
  submission('by one button twice', ({ fields }) => ({ fields: twice(fields, 'decision') }), denied),
  submission('by both buttons', ({ fields }) => ({ fields: twice(fields, 'decision', 'refuse') }), denied),
  ...['Approve', 'approve ', 'yes', 'true', '1', 'approve\0'].map((decision) =>
    submission(`by a button ${JSON.stringify(decision)}`, ({ fields }) => ({ fields: { ...fields, decision } }),
      decision.includes('\0') ? expired : denied)),
  submission('by GET', ({ action, fields }) =>
    ({ method: 'GET', action: `${action}&${queryOf(fields)}`, fields: null }),
  { page: 200, heading: 'Allow Till to act for Acme Sandbox?' }),
];

const none = '00000000-0000-4000-8000-000000000000';
const actions = [
  ['without its organization', { organization_id: undefined }, damaged],
  ['for an unknown organization', { organization_id: none }, expired],
  ['with another state', { state: 'abcdefgh' }, expired],
  ['with more scopes', { scope: 'payment_link.read payment_link.write offline_access' }, expired],
  ['with another challenge', { code_challenge: 'A'.repeat(43) }, expired],
  ['with another redirect_uri of its own', { redirect_uri: 'http://127.0.0.1/till' }, expired],
  ['with somebody else\'s redirect_uri', { redirect_uri: 'https://evil.example/' }, unregistered],
  ['with no redirect_uri', { redirect_uri: undefined }, unregistered],
  ['for no application', { client_id: undefined }, { page: 400, heading: 'Unknown application' }],
  ['without its challenge', { code_challenge: undefined, code_challenge_method: undefined },
    { told: 'invalid_request' }],
  ['with response_type token', { response_type: 'token' }, { told: 'unsupported_response_type' }],
  ['with an unknown scope', { scope: 'everything' }, { told: 'invalid_scope' }],
].map(([name, change, expected]) => submission(name, async (good, world, request) => {
  // Asked for less than the application may have, so that there is more to be had.
  const { action, fields } = await shown(world.owner, { ...request, scope: 'payment_link.read' });
  return { action: withQuery(action, change), fields };
}, expected));

const another = submission('for another application', ({ action }, { shop }) =>
  ({ action: withQuery(action, { client_id: shop.id, redirect_uri: shop.uris[0] }) }), expired);

export const cases = [...tokens, ...cookies, ...elsewhere, ...bodies, ...decisions, ...actions, another];
