// What the client does: each kind of step as what is drawn for it, and what it does to a sandbox and its model.
//
// A step is {kind, ...drawn}. Links are drawn as a number, taken modulo the links that this sequence has made, so that
// a sequence still means something when it is shrunk.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bodyOf, draft, spoiled, wholes } from './bodies.mjs';
import { assertInert, unescaped } from './html.mjs';
import { keep, lifetime, newKey, wrongKeys } from './keys.mjs';
import { kinds as merchantKinds } from './merchant.mjs';
import * as model from './model.mjs';
import { jsonType } from './world.mjs';

const nobody = ['01a20979-5aee-72c8-b128-2dfece9233c9', '00000000-0000-0000-0000-000000000000', 'x', '%00', '..%2f',
  '7', '-1',
  '01a20979-5aee-72c8-b128-2dfece9233c', '01A20979-5AEE-72C8-B128-2DFECE9233C9', '%F0%9F%98%8D', "'%20OR%201=1",
    '%3Cb%3E'];
const links = '/v2/payment_links';
const number = fc.nat(10_000);
const emails = fc.constantFrom('ada@example.com', 'a@b', "o'hara+x@example.co.uk", 'é@exämple.fr',
  '<b>@example.com'.replace(/[<>]/g, '_'));
const picked = (list, draw) => list[draw % list.length];

function within(text, answer, what) {
  const time = Date.parse(text);
  assert.ok(time >= answer.begun - 1_000 && time <= answer.ended, `${what} is ${text}`);
}

function differs(text, payload) {
  const other = structuredClone(payload);
  other.metadata = { ...other.metadata, another: 'request' };
  return JSON.stringify({ payment_link: other });
}

function checkNewLink(world, sent, answer) {
  assert.equal(answer.status, 201, `${JSON.stringify(sent)}\n${answer.text}`);
  const { id, url, ...rest } = answer.json.payment_link;
  within(rest.created_at, answer, 'created_at');
  assert.deepEqual(rest, model.shownLink(sent, rest.created_at));
  assert.ok(url.startsWith(`${world.server.ready.base_url}/${world.server.ready.organization.id}?`), url);
  assert.ok(!world.links.some((link) => link.shown.id === id || link.shown.url === url), 'an id or url twice');
  const shown = answer.json.payment_link;
  return { shown, minor: model.amountOf(sent).minor, expires: Date.parse(shown.expiration_date), canceled: false,
    payments: [] };
}

// The same link at the top and under its name.
function checkSingle(link, answer) {
  const shown = model.shownNow(link, answer.begun);
  assert.deepEqual([answer.status, answer.json], [200, { ...shown, payment_link: shown }]);
}

function queryOf({ page, size, alias, statuses, form, sort, metadata }) {
  const pairs = [];
  if (page !== null) pairs.push([alias ? 'current_page' : 'page', page]);
  if (size !== null) pairs.push(['per_page', size]);
  if (statuses.length > 0 && form === 0) statuses.forEach((status) => pairs.push(['status[]', status]));
  if (statuses.length > 0 && form === 1) pairs.push(['status', statuses.join(',')]);
  if (statuses.length > 0 && form === 2) pairs.push(['status[]', statuses.join(',')]);
  if (sort) pairs.push(['sort_by', sort]);
  for (const [name, value] of Object.entries(metadata)) pairs.push([`metadata[${name}]`, value]);
  const query = pairs.map((pair) => pair.map((part) => encodeURIComponent(part)).join('=')).join('&');
  return query && `?${query}`;
}

const listDraw = (statuses, sorts) => ({
  page: fc.constantFrom(null, null, 1, 1, 2, 3, 7, 1000000), size: fc.constantFrom(null, 1, 2, 3, 10, 50, 100),
    alias: fc.boolean(),
  statuses: fc.oneof(fc.constant([]), fc.shuffledSubarray(statuses, { minLength: 1, maxLength: 3 })),
  form: fc.nat(2), sort: fc.constantFrom(null, ...sorts),
});

const wrongQueries = [
  ['page=0', 'out_of_range', 'page'], ['page=-1', 'out_of_range', 'page'], ['page=x', 'invalid_format', 'page'],
  ['page=', 'invalid_format', 'page'], ['page=1.5', 'invalid_format', 'page'], ['per_page=0', 'out_of_range',
    'per_page'],
  ['per_page=101', 'out_of_range', 'per_page'], ['per_page=%2B1', 'invalid_format', 'per_page'], ['page=1&page=2',
    'invalid', 'page'],
  ['page=99999999999999999999', 'out_of_range', 'page'], ['page=1&current_page=1', 'invalid', 'current_page'],
  ['status=nothing', 'not_in_list', 'status'], ['status[]=open,', 'not_in_list', 'status[]'],
  ['status[]=OPEN', 'not_in_list', 'status[]'], ['status[]=open&status=open', 'invalid', 'status'],
  ['sort_by=colour:asc', 'not_in_list', 'sort_by'], ['sort_by=amount:up', 'not_in_list', 'sort_by'],
  ['sort_by=amount', 'not_in_list', 'sort_by'], ['colour=red', 'invalid', 'colour'], ['%zz', 'bad_request', null],
];
const wrongFilters = [
  ['metadata[]=x', 'invalid_format', 'metadata[]'], ['metadata[a%20b]=x', 'invalid_format', 'metadata[a b]'],
  ['metadata[a]=x&metadata[a]=y', 'invalid', 'metadata[a]'], ['metadata=x', 'invalid', 'metadata'],
];
const wrongQuestions = [
  ['amount=1.00', 'missing_field', 'currency'], ['currency=EUR', 'missing_field', 'amount'],
  ['amount=1.00&currency=EUX', 'not_in_list', 'currency'], ['amount=1,00&currency=EUR', 'invalid_format', 'amount'],
  ['amount=1.001&currency=EUR', 'invalid_format', 'amount'], ['amount=1.5&currency=JPY', 'invalid_format', 'amount'],
  ['amount=0.00&currency=EUR', 'out_of_range', 'amount'], ['amount=-1.00&currency=EUR', 'out_of_range', 'amount'],
  ['amount=1000000000.00&currency=EUR', 'out_of_range', 'amount'], ['locale=nl', 'invalid_format', 'locale'],
  ['page=1', 'invalid', 'page'], ['amount=1.00&amount=1.00&currency=EUR', 'invalid', 'amount'],
];

const wrongCredentials = [
  [null, 'authorization_header_missing'], ['Bearer wrong', 'authorization_token_invalid'], ['Bearer', 'unauthorized'],
  ['acme-sandbox:wrong', 'unauthorized'], ['nobody:wrong', 'unauthorized'],
];

const wrongMethods = [
  ['DELETE', links], ['PUT', links], ['PATCH', links], ['POST', `${links}/${nobody[0]}`], ['DELETE',
    `${links}/${nobody[0]}`],
  ['GET', `${links}/${nobody[0]}/deactivate`], ['POST', `${links}/${nobody[0]}/deactivate`], ['POST',
    `${links}/${nobody[0]}/payments`],
  ['POST', `${links}/payment_methods`], ['POST', '/v2/organization'], ['DELETE', '/v2/bank_accounts'], ['PUT',
    '/v2/membership'],
  ['DELETE', '/sandbox/clock'], ['GET', '/sandbox/payments'],
];

const secondsOf = { d: 86_400, h: 3_600, m: 60, s: 1 };

async function advance(world, by) {
  const seconds = [...by.matchAll(/(\d+)([dhms])/g)]
    .reduce((sum, [, count, unit]) => sum + Number(count) * secondsOf[unit], 0);
  const answer = await world.ask('POST', '/sandbox/clock', { body: JSON.stringify({ advance: by }), headers: jsonType,
    credential: null });
  assert.equal(answer.status, 200);
  world.offset += seconds * 1000;
  assert.equal(answer.json.offset_seconds, world.offset / 1000);
  within(answer.json.now, { begun: answer.begun + seconds * 1000, ended: world.now() }, 'now');
}

// [field, value, code]
const wrongPayments = [
  ['payment_link_id', 'x', 'invalid_format'], ['payment_link_id', 7, 'invalid_type'],
  ['payment_link_id', undefined, 'missing_field'], ['payment_method', 'cash', 'not_in_list'],
  ['payment_method', null, 'invalid_type'], ['debitor_email', 'ada', 'invalid_format'],
  ['debitor_email', '', 'out_of_range'], ['debitor_email', `${'a'.repeat(250)}@b.fr`, 'out_of_range'],
  ['debitor_email', '<b>', 'invalid_format'], ['outcome', 'lost', 'not_in_list'],
  ['outcome', undefined, 'missing_field'], ['outcome', 'authorized', 'not_in_list'],
];

// kind: [how often, what is drawn, what is done with `world`, the sequence's own links and what was drawn].
export const kinds = {
  ...merchantKinds,

  create: [16, { draft, key: fc.option(number, { freq: 2 }) }, async (world, mine, { draft: made, key }) => {
    const sent = bodyOf(made, world.now()), body = JSON.stringify({ payment_link: sent }), headers = newKey(world, key);
    await world.apart();
    const answer = await world.ask('POST', links, { body, headers: { ...jsonType, ...headers } });
    world.made();
    if (world.connection !== 'enabled') return world.expectFaults(answer, 400, [['invalid', null]], body);
    const link = checkNewLink(world, sent, answer);
    world.links.push(link);
    mine.push(link);
    keep(world, headers, 'POST create', links, body, answer);
  }],

  pay: [14, { link: number, method: fc.oneof(fc.constantFrom(...model.allMethods), number), email: emails,
    outcome: fc.constantFrom('paid', 'failed', 'canceled', 'pending', 'pending', 'expired') },
  async (world, mine, { link: draw, method: wanted, email, outcome }) => {
    const link = mine.length ? picked(mine, draw) : undefined;
    const offered = link?.shown.potential_payment_methods ?? ['ideal'];
    const method = typeof wanted === 'number' ? picked(offered, wanted) : wanted;
    const body = JSON.stringify({ payment_link_id: link?.shown.id ?? nobody[0], payment_method: method,
      debitor_email: email, outcome });
    await world.steady();
    // Without a provider nothing can be paid, which is a 503: the only one there is, and not this client's business.
    if (link && world.connection !== 'enabled' && !model.outcomeOfPaying(link, method, outcome, world.now()).early)
      return;
    await world.apart();
    const answer = await world.ask('POST', '/sandbox/payments', { body, headers: jsonType, credential: null });
    world.made();
    if (!link) return world.expectFaults(answer, 404, [['not_found', null]], body);
    const expected = model.outcomeOfPaying(link, method, outcome, answer.begun);
    const shown = { amount: link.shown.amount, payment_method: method, debitor_email: email };
    if (expected.failed) link.payments.push({ shown: { ...shown, status: 'failed', paid_at: null }, answer });
    if (expected.code) return world.expectFaults(answer, expected.status, [[expected.code, null]], body);
    assert.equal(answer.status, 201, answer.text);
    const { payment_link_id: of, ...payment } = answer.json.payment;
    within(payment.created_at, answer, 'created_at');
    const { outcome: status } = expected;
    if (status === 'paid') within(payment.paid_at, answer, 'paid_at');
    assert.deepEqual([of, payment], [link.shown.id,
      { ...shown, status, id: payment.id, created_at: payment.created_at,
        paid_at: status === 'paid' ? payment.paid_at : null }]);
    link.payments.push({ shown: payment });
  }],

  deactivate: [6, { link: number, key: fc.option(number), body: fc.constantFrom(undefined, '{}', 'nonsense') },
    async (world, mine, { link: draw, key, body }) => {
      const link = mine.length ? picked(mine, draw) : undefined;
      const target = `${links}/${link?.shown.id ?? nobody[0]}/deactivate`, headers = newKey(world, key);
      await world.steady();
      const answer = await world.ask('PATCH', target, { body, headers: body ? { ...jsonType, ...headers } : headers });
      if (!link) return world.expectFaults(answer, 404, [['not_found', null]], target);
      const expected = model.deactivate(link, answer.begun);
      if (expected.code) return world.expectFaults(answer, expected.status, [[expected.code, null]], target);
      checkSingle(link, answer);
      keep(world, headers, 'PATCH deactivate', target, body, answer);
    }],

  clock: [2, { by: fc.constantFrom('20s', '45m', '13h1m', '9d5m11s', '1d12h', '121d3h7s', '400d1m') },
    async (world, mine, { by }) => advance(world, by)],

  // To a moment at which a link is over and the server, who looks once a second, has not noticed. That takes a second,
  // so it is seldom done.
  late: [1, { link: number, wait: fc.constantFrom(true, false, false, false) }, async (world, mine, { link: draw,
    wait }) => {
    const now = world.now();
    const open = mine.filter((link) => model.statusOf(link, now) === 'open' && link.expires > now);
    if (!wait || open.length === 0) return;
    const { expires } = picked(open, draw);
    const seconds = Math.floor((expires - now) / 1000);
    if (seconds > 0) await advance(world, `${seconds}s`);
    await world.steady();
  }],

  wrongClock: [1, { advance: fc.constantFrom('', '-1d', '1w', '1h1d', '1', 'd', '99999999999d', '40000d', 'x'), },
    async (world, mine, { advance }) => {
    const answer = await world.ask('POST', '/sandbox/clock', { body: JSON.stringify({ advance }), headers: jsonType,
      credential: null });
    world.expectFaults(answer, 400, [['invalid_format', '/advance']], advance);
  }],

  get: [8, { link: number }, async (world, mine, { link: draw }) => {
    await world.steady();
    if (mine.length === 0) return;
    const link = picked(mine, draw);
    checkSingle(link, await world.ask('GET', `${links}/${link.shown.id}`));
  }],

  token: [2, { link: number, scheme: fc.constantFrom('Bearer', 'bearer', 'BEARER') }, async (world, mine, { link: draw,
    scheme }) => {
    if (mine.length === 0) return;
    await world.steady();
    const link = picked(mine, draw);
    const answer = await world.ask('GET', `${links}/${link.shown.id}`,
      { credential: `${scheme} ${world.server.ready.access_token}` });
    checkSingle(link, answer);
  }],

  list: [12, { ...listDraw(model.linkStatuses, ['amount:asc', 'amount:desc', 'expiration_date:asc',
    'expiration_date:desc']),
    filter: fc.constantFrom(0, 0, 1, 2), link: number, noise: fc.boolean() },
  async (world, mine, { filter, link: draw, noise, ...drawn }) => {
    await world.steady();
    const link = mine.length ? picked(mine, draw) : undefined;
    const metadata = filter === 0 ? {} : Object.fromEntries(Object.entries(link?.shown.metadata ?? {}).slice(0,
      filter));
    if (filter === 2 && noise) metadata.order = 'a';
    // By its number: who has just read the page before would go on where that ended.
    if (drawn.page > 1) await world.ask('GET', links + queryOf({ ...drawn, metadata, page: 100_000 }));
    const answer = await world.ask('GET', links + queryOf({ ...drawn, metadata }));
    const page = drawn.page ?? 1, size = drawn.size ?? 100;
    const expected = model.listLinks(world.links, { ...drawn, metadata, page, size }, answer.begun);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json.meta, model.meta(page, size, expected.total));
    assert.deepEqual(answer.json.payment_links.map(({ id }) => id), expected.entries.map(({ shown }) => shown.id));
    assert.deepEqual(answer.json.payment_links, expected.entries.map((one) => model.shownNow(one, answer.begun)));
  }],

  payments: [8, { link: number, ...listDraw(model.paymentStatuses, ['creation_date:asc', 'creation_date:desc']) },
    async (world, mine, { link: draw, ...drawn }) => {
      if (mine.length === 0) return;
      const link = picked(mine, draw);
      const answer = await world.ask('GET', `${links}/${link.shown.id}/payments${queryOf({ ...drawn, metadata: {} })}`);
      const page = drawn.page ?? 1, size = drawn.size ?? 100;
      const expected = model.listPayments(link, { ...drawn, page, size });
      assert.equal(answer.status, 200);
      assert.deepEqual(answer.json.meta, model.meta(page, size, expected.total));
      assert.equal(answer.json.payments.length, expected.entries.length);
      for (const [i, payment] of expected.entries.entries()) {
        // What the provider refused was answered with an error, so its id and time are learned here.
        const { id, created_at } = answer.json.payments[i];
        if (!payment.shown.id) {
          within(created_at, payment.answer, 'created_at');
          payment.shown = { ...payment.shown, id, created_at };
        }
        assert.deepEqual(answer.json.payments[i], payment.shown);
      }
    }],

  wrongQuery: [2, { wrong: fc.constantFrom(...wrongQueries), link: fc.option(number) }, async (world, mine, { wrong,
    link: draw }) => {
    const [query, code, parameter] = wrong;
    const target = draw === null || mine.length === 0 ? links : `${links}/${picked(mine, draw).shown.id}/payments`;
    const answer = await world.ask('GET', `${target}?${query}`);
    // Of one parameter under two names the other name may be told of too.
    if (answer.json?.errors && query.includes('&')) answer.json.errors.length = 1;
    world.expectFaults(answer, 400, [[code, parameter]], query);
  }],

  wrongFilter: [1, { wrong: fc.oneof(
    fc.record({ target: fc.constant(links), wrong: fc.constantFrom(...wrongFilters) }),
    fc.record({ target: fc.constant(`${links}/payment_methods`), wrong: fc.constantFrom(...wrongQuestions) })) },
  async (world, mine, { wrong: { target, wrong: [query, code, parameter] } }) => {
    world.expectFaults(await world.ask('GET', `${target}?${query}`), 400, [[code, parameter]], query);
  }],

  replay: [6, { key: number, other: fc.boolean() }, async (world, mine, { key: draw, other }) => {
    const kept = [...world.keys.values()].slice(-30);
    if (kept.length === 0) return;
    const known = picked(kept, draw);
    const age = world.now() - known.at;
    if (age > lifetime - 10_000) return;
    const headers = { ...jsonType, ...known.headers };
    const body = !other ? known.body : known.body?.startsWith('{"payment_link"')
      ? differs(known.text, JSON.parse(known.body).payment_link) : `${known.body ?? ''} `;
    const method = known.route.split(' ')[0];
    const answer = await world.ask(method, known.target, { body, headers });
    // The body of a PATCH says nothing.
    if (other && method !== 'PATCH') return world.expectFaults(answer, 422, [['idempotency_key_reused', null]], body);
    assert.deepEqual([answer.status, answer.headers['idempotent-replayed'], answer.text], [known.status, 'true',
      known.text]);
  }],

  unknown: [2, { id: fc.constantFrom(...nobody), what: fc.nat(3), outcome: fc.constant('paid') }, async (world, mine,
    { id, what }) => {
    const [method, target] = [['GET', ''], ['GET', '/payments'], ['PATCH', '/deactivate'], ['GET', '/colour']][what];
    world.expectFaults(await world.ask(method, `${links}/${id}${target}`), 404, [['not_found', null]], id);
  }],

  credentials: [2, { wrong: fc.constantFrom(...wrongCredentials), target: fc.constantFrom(links,
    `${links}/payment_methods`,
    `${links}/x`, '/v2/organization', '/v2/bank_accounts', '/v2/membership') }, async (world, mine, { wrong,
      target }) => {
    const [credential, code] = wrong;
    world.expectFaults(await world.ask('GET', target, { credential }), 401, [[code, null]], `${credential} ${target}`);
  }],

  method: [1, { wrong: fc.constantFrom(...wrongMethods) }, async (world, mine, { wrong }) => {
    world.expectFaults(await world.ask(...wrong), 405, [['method_not_allowed', null]], wrong.join(' '));
  }],

  spoiled: [7, { made: spoiled }, async (world, mine, { made }) => {
    const sent = bodyOf(made.draft, world.now());
    for (const { apply } of made.mutations) apply(sent);
    const body = JSON.stringify({ payment_link: sent });
    const answer = await world.ask('POST', links, { body, headers: jsonType });
    world.expectFaults(answer, 400, made.mutations.map(({ code, pointer }) => [code, pointer]), body.slice(0, 4000));
  }],

  // Just outside of what is allowed: under a minute, over five years.
  wrongEnd: [1, { draft, seconds: fc.constantFrom(-86_400, 0, 58, 5 * 366 * 86_400) }, async (world, mine,
    { draft: made, seconds }) => {
    const sent = bodyOf(made, world.now());
    sent.expiration_date = model.toSecond(world.now() + seconds * 1000);
    const answer = await world.ask('POST', links, { body: JSON.stringify({ payment_link: sent }), headers: jsonType });
    const expected = world.connection === 'enabled' ? ['out_of_range', '/payment_link/expiration_date']
      : ['invalid', null];
    world.expectFaults(answer, 400, [expected], sent.expiration_date);
  }],

  wrongKey: [1, { draft, headers: fc.constantFrom(...wrongKeys) }, async (world, mine, { draft: made, headers }) => {
    const body = JSON.stringify({ payment_link: bodyOf(made, world.now()) });
    const answer = await world.ask('POST', links, { body, headers: { ...jsonType, ...headers } });
    world.expectFaults(answer, 400, [['bad_request', null]], JSON.stringify(headers));
  }],

  wrongPay: [1, { changed: fc.uniqueArray(fc.constantFrom(...wrongPayments), { selector: ([field]) => field,
    minLength: 1 }) }, async (world, mine, { changed }) => {
    const body = { payment_link_id: nobody[0], payment_method: 'ideal', debitor_email: 'a@b', outcome: 'paid' };
    for (const [field, value] of changed) body[field] = value;
    const answer = await world.ask('POST', '/sandbox/payments', { body: JSON.stringify(body), headers: jsonType,
      credential: null });
    const told = Object.keys(body).flatMap((field) => changed.filter(([name]) => name === field));
    world.expectFaults(answer, 400, told.map(([field, , code]) => [code, `/${field}`]), JSON.stringify(body));
  }],

  wholes: [1, { whole: fc.constantFrom(...wholes), type: fc.constantFrom('application/json',
    'application/json; charset=utf-8') },
    async (world, mine, { whole: [body, status, code, pointer], type }) => {
      const answer = await world.ask('POST', links, { body, headers: { 'content-type': type } });
      world.expectFaults(answer, status, [[code, pointer ?? null]], body);
    }],

  notJson: [1, { type: fc.constantFrom('text/plain', 'application/x-www-form-urlencoded', 'application/jsonx') },
    async (world, mine, { type }) => {
    const answer = await world.ask('POST', links, { body: '{}', headers: { 'content-type': type } });
    world.expectFaults(answer, 415, [['unsupported_media_type', null]], type);
  }],

  methods: [2, { amount: fc.constantFrom(null, '1', '8000', '8000.01', '10000', '10000.01', '50000', '50000.01'),
    currency: fc.constantFrom('EUR', 'USD', 'TND'), locale: fc.constantFrom(null, 'nl_NL', 'en-GB') },
  async (world, mine, { amount, currency, locale }) => {
    const pairs = [...(amount ? [`amount=${amount}`, `currency=${currency}`] : []),
      ...(locale ? [`locale=${locale}`] : [])];
    const answer = await world.ask('GET', `${links}/payment_methods${pairs.length ? '?' : ''}${pairs.join('&')}`);
    const link = { shown: { amount: { currency } }, minor: amount ? model.scaled(amount,
      model.exponents[currency]) : 0n };
    const enabled = (name) => world.connection === 'enabled' && model.providerTakes(link, name)
      && (name !== 'ideal' || !amount || currency === 'EUR');
    assert.deepEqual(answer.json.payment_link_payment_methods, model.allMethods.map((name) => ({ name,
      enabled: enabled(name) })));
  }],

  neighbours: [1, { target: fc.constantFrom('organization', 'bank_accounts', 'membership') }, async (world, mine,
    { target }) => {
    const answer = await world.ask('GET', `/v2/${target}`);
    const { organization, bank_account_id: account } = world.server.ready;
    const { organization: own, bank_accounts: accounts = own?.bank_accounts, membership } = answer.json;
    if (own) assert.deepEqual([own.id, own.slug], [organization.id, organization.slug]);
    if (accounts) assert.deepEqual(accounts.map(({ id, organization_id: of }) => [id, of]), [[account,
      organization.id]]);
    if (membership) assert.equal(membership.organization_id, organization.id);
    if (target === 'bank_accounts') assert.deepEqual(answer.json.meta, model.meta(1, 100, 1));
  }],

  page: [4, { link: number }, async (world, mine, { link: draw }) => {
    if (mine.length === 0) return;
    await world.steady();
    const link = picked(mine, draw);
    const { pathname, search } = new URL(link.shown.url);
    const answer = await world.ask('GET', pathname + search, { credential: null });
    assertInert(answer.text);
    // One that is open only because a payment was begun in time is shown as expired.
    if (model.statusOf(link, answer.begun) !== 'open' || link.expires <= answer.begun) return;
    assert.equal(answer.status, 200);
    const page = unescaped(answer.text);
    if (world.connection !== 'enabled')
      return assert.ok(page.includes('takes no payments at the moment'), 'the merchant takes no payments: not said');
    const { items, invoice_number: number, debitor_name: name } = link.shown;
    const texts = items ? items.flatMap((item) => [item.title, item.description, item.measure_unit]) : [number, name];
    for (const text of texts.filter(Boolean))
      assert.ok(page.includes(text), `not on the page: ${JSON.stringify(text)}`);
  }],
};

export const step = fc.oneof(...Object.entries(kinds).map(([kind, [weight, drawn]]) => (
  { weight, arbitrary: fc.record({ kind: fc.constant(kind), ...drawn }) })));

export function take(world, mine, drawn) {
  return kinds[drawn.kind][2](world, mine, drawn);
}
