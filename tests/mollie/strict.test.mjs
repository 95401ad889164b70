// The tour of the strictest judge: an answer that is not exactly as Mollie describes it is a ResponseValidationError.

import assert from 'node:assert/strict';
import { createHmac, randomUUID, webcrypto } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Client, HTTPClient, InvalidSignatureException, SignatureValidator } from 'mollie-api-typescript';
import { ErrorResponse, ResponseValidationError, SDKValidationError } from 'mollie-api-typescript/models/errors';

import { Shop, eur, methods } from './shop.mjs';

globalThis.crypto ??= webcrypto;  // of node 18

let shop;
let mollie;
let asked = 0;
const refusedByClient = [];

function clientOf(apiKey, options = {}) {
  return new Client({ serverURL: shop.url, security: { apiKey }, retryConfig: { strategy: 'none' }, ...options });
}

// Every call goes through here, so that nothing the client refuses is missed.
async function judged(call) {
  asked += 1;
  try {
    return await call;
  } catch (error) {
    if (error instanceof ResponseValidationError || error instanceof SDKValidationError)
      refusedByClient.push(`${error.message}: ${error.cause?.message ?? ''}`);
    throw error;
  }
}

// An error object that the client could read as one.
async function fails(call, status, { field, detail } = {}) {
  const error = await judged(call).then(() => assert.fail('it was taken'), (refusal) => refusal);
  assert.ok(error instanceof ErrorResponse, String(error));
  assert.equal(error.status, status);
  assert.equal(error.statusCode, status);
  assert.equal(error.links.documentation.type, 'text/html');
  if (field) assert.equal(error.field, field);
  if (detail) assert.match(error.detail, detail);
}

const create = (more) => judged(mollie.payments.create({ paymentRequest: shop.wish(more) }));
const get = (paymentId, more) => judged(mollie.payments.get({ paymentId, ...more }));

async function paid(more = {}) {
  const payment = await create({ method: 'creditcard', ...more });
  await shop.decide(payment.links.checkout.href, 'paid');
  return payment.id;
}

const refund = (paymentId, value, more = {}) =>
  judged(mollie.refunds.create({ paymentId, refundRequest: { amount: eur(value), description: 'Back', ...more } }));

before(async () => {
  shop = await Shop.open();
  mollie = clientOf(shop.key);
});
after(() => shop?.close());

test('payments of each method, and with a choice of them, are created and read again', async () => {
  for (const method of [...methods, null, ['paypal', 'ideal']]) {
    const payment = await create({ method, locale: 'nl_NL', cancelUrl: 'https://shop.example.com/no' });
    assert.equal(payment.status, 'open');
    assert.equal(payment.method, Array.isArray(method) ? null : method);
    assert.deepEqual(payment.amount, eur('13.30'));
    assert.deepEqual(payment.metadata, { order: 7 });
    assert.equal(payment.locale, 'nl_NL');
    assert.deepEqual(await get(payment.id), payment);
  }
});

test('lines are taken when they add up, and given back with the addresses', async () => {
  const line = { type: 'digital', description: 'Coffee', quantity: 2, unitPrice: eur('6.65'), totalAmount: eur('13.30'),
    vatRate: '21.00', vatAmount: eur('2.31'), sku: 'C-1' };
  const billingAddress = { givenName: 'Ada', familyName: 'Lovelace', city: 'Delft', country: 'NL' };
  const payment = await create({ lines: [line], billingAddress, restrictPaymentMethodsToCountry: 'NL' });
  assert.deepEqual([payment.lines, payment.billingAddress, payment.restrictPaymentMethodsToCountry],
    [[line], billingAddress, 'NL']);
  await fails(mollie.payments.create({ paymentRequest: shop.wish({ lines: [{ ...line, vatAmount: eur('2.30') }] }) }),
    422, { field: 'lines' });
});

test('each outcome is told, with the details of the method', async () => {
  const outcomeOf = async (method, outcome) => {
    const { id, links } = await create({ method });
    await shop.decide(links.checkout.href, outcome);
    const payment = await get(id);
    assert.equal(payment.status, outcome);
    return payment;
  };
  for (const outcome of ['paid', 'failed', 'canceled', 'expired', 'pending'])
    for (const method of methods) await outcomeOf(method, outcome);
  const card = (await outcomeOf('creditcard', 'paid')).details;
  assert.deepEqual([card.cardLabel, card.cardMaskedNumber, card.cardSecurity, card.wallet, card.failureReason],
    ['Visa', '424242******4242', 'normal', null, null]);
  assert.equal((await outcomeOf('applepay', 'paid')).details.wallet, 'applepay');
  const ideal = (await outcomeOf('ideal', 'paid')).details;
  assert.match(ideal.consumerAccount, /^NL\d\d[A-Z]{4}\d{10}$/);
  assert.equal(ideal.consumerBic.slice(0, 4), ideal.consumerAccount.slice(4, 8));
  assert.equal((await outcomeOf('paypal', 'paid')).details.consumerAccount, 'tess.tester@example.com');
  assert.equal((await outcomeOf('creditcard', 'failed')).details.failureReason, 'card_declined');
});

test('a card is paid with, another is declined, and an amount fails', async () => {
  const details = async (number, more = {}) => {
    const { id, links } = await create({ method: 'creditcard', locale: 'de_DE', ...more });
    await shop.payByCard(links.checkout.href, number);
    const payment = await get(id);
    return [payment.status, payment.details.failureReason, payment.details.failureMessage];
  };
  assert.deepEqual(await details('2223000010479399'), ['paid', null, null]);
  assert.deepEqual(await details('4000000010070003'),
    ['failed', 'insufficient_funds', 'Das Konto der Karte ist nicht ausreichend gedeckt.']);
  assert.deepEqual(await details('4242424242424242', { amount: eur('1009.00') }),
    ['failed', 'possible_fraud', 'Die Zahlung wurde wegen Betrugsverdachts angehalten.']);
});

test('payments are listed in pages, both ways', async () => {
  const other = clientOf(`test_${randomUUID().replaceAll('-', '')}`);
  const ids = [];
  for (let i = 0; i < 5; i += 1)
    ids.unshift((await judged(other.payments.create({ paymentRequest: shop.wish() }))).id);
  const seen = [];
  for await (const page of await judged(other.payments.list({ limit: 2 })))
    seen.push(page.result.embedded.payments.map((payment) => payment.id));
  assert.deepEqual(seen, [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
  const oldest = (await judged(other.payments.list({ sort: 'asc', from: ids[3], limit: 1 }))).result;
  assert.deepEqual([oldest.count, oldest.embedded.payments[0].id], [1, ids[3]]);
  assert.ok(oldest.links.previous.href && oldest.links.next.href);
  await fails(other.payments.list({ limit: 251 }), 400);
});

test('a payment is updated, and canceled while that is possible', async () => {
  const { id } = await create({ method: 'creditcard' });
  const updated = await judged(mollie.payments.update({
    paymentId: id,
    requestBody: { description: 'Order 8', metadata: { order: 8 }, webhookUrl: null, locale: 'fr_FR' },
  }));
  assert.deepEqual([updated.description, updated.metadata, updated.webhookUrl, updated.locale],
    ['Order 8', { order: 8 }, undefined, 'fr_FR']);
  assert.deepEqual(await get(id), updated);
  await fails(mollie.payments.update({ paymentId: id, requestBody: { redirectUrl: 'ftp://x' } }), 422,
    { field: 'redirectUrl' });
  const canceled = await judged(mollie.payments.cancel({ paymentId: id, requestBody: {} }));
  assert.deepEqual([canceled.id, canceled.status, canceled.isCancelable], [id, 'canceled', undefined]);
  await fails(mollie.payments.cancel({ paymentId: id, requestBody: {} }), 422);
  await fails(mollie.payments.update({ paymentId: id, requestBody: { redirectUrl: 'https://a.example' } }), 422);
});

test('refunds: a part, the rest, too much, the same twice, taken back', async () => {
  const paymentId = await paid();
  const part = await refund(paymentId, '10.00', { metadata: { line: 1 } });
  assert.deepEqual([part.status, part.amount, part.paymentId, part.metadata],
    ['queued', eur('10.00'), paymentId, { line: 1 }]);
  await fails(mollie.refunds.create({ paymentId, refundRequest: { amount: eur('10.00'), description: 'Back' } }), 409,
    { detail: /duplicate refund/ });
  await fails(mollie.refunds.create({ paymentId, refundRequest: { amount: eur('3.31'), description: 'Back' } }), 422,
    { field: 'amount' });
  const rest = await refund(paymentId, '3.30');
  assert.deepEqual(await judged(mollie.refunds.get({ paymentId, refundId: rest.id })), rest);
  const whole = await get(paymentId, { embed: 'refunds' });
  assert.deepEqual([whole.amountRefunded, whole.amountRemaining], [eur('13.30'), eur('0.00')]);
  const { result } = await judged(mollie.refunds.list({ paymentId }));
  assert.deepEqual(result.embedded.refunds.map((one) => one.id), [rest.id, part.id]);
  const all = (await judged(mollie.refunds.all({ limit: 1 }))).result;
  assert.equal(all.embedded.refunds[0].id, rest.id);

  await judged(mollie.refunds.cancel({ paymentId, refundId: rest.id }));
  assert.equal((await judged(mollie.refunds.get({ paymentId, refundId: rest.id }))).status, 'canceled');
  assert.deepEqual((await get(paymentId)).amountRemaining, eur('3.30'));
  await shop.advance('5s');
  assert.equal((await judged(mollie.refunds.get({ paymentId, refundId: part.id }))).status, 'refunded');
  await fails(mollie.refunds.cancel({ paymentId, refundId: part.id }), 404);
  const open = await create();
  await fails(mollie.refunds.create({ paymentId: open.id, refundRequest: { amount: eur('1.00'), description: 'x' } }),
    422);
});

test('chargebacks come, are listed, and are given up', async () => {
  const paymentId = await paid();
  assert.equal((await judged(mollie.chargebacks.list({ paymentId }))).result.count, 0);
  await shop.chargeBack(paymentId);
  const payment = await get(paymentId, { embed: 'chargebacks' });
  assert.deepEqual(payment.amountChargedBack, eur('13.30'));
  const [chargeback] = (await judged(mollie.chargebacks.list({ paymentId }))).result.embedded.chargebacks;
  assert.deepEqual([chargeback.amount, chargeback.paymentId, chargeback.reversedAt], [eur('13.30'), paymentId, null]);
  assert.equal((await judged(mollie.chargebacks.get({ paymentId, chargebackId: chargeback.id }))).id, chargeback.id);
  assert.equal((await judged(mollie.chargebacks.all())).result.embedded.chargebacks[0].id, chargeback.id);
  await shop.chargeBack(paymentId, 'chargeback_reversed');
  const reversed = await judged(mollie.chargebacks.get({ paymentId, chargebackId: chargeback.id }));
  assert.ok(!Number.isNaN(Date.parse(reversed.reversedAt)));
  assert.equal((await get(paymentId)).amountChargedBack, undefined);
});

test('methods: those enabled, those of an amount, all, one', async () => {
  const ids = async (call) => (await judged(call)).embedded.methods.map((method) => method.id);
  assert.deepEqual(await ids(mollie.methods.list()), ['creditcard', 'paypal', 'ideal']);
  assert.deepEqual(await ids(mollie.methods.list({ includeWallets: 'applepay' })), methods);
  assert.deepEqual(await ids(mollie.methods.list({ amount: eur('20000.00') })), ['ideal']);
  assert.deepEqual(await ids(mollie.methods.all()), methods);
  for (const methodId of methods) assert.equal((await judged(mollie.methods.get({ methodId }))).id, methodId);
  assert.equal((await judged(mollie.methods.get({ methodId: 'ideal' }))).description, 'iDEAL | Wero');
  await fails(mollie.methods.get({ methodId: 'klarna' }), 404);
});

test('the profile of a key', async () => {
  const profile = await judged(mollie.profiles.getCurrent());
  const payment = await create();
  assert.deepEqual([profile.id, profile.mode, profile.status], [payment.profileId, 'test', 'verified']);
});

test('what is not there, not right or not allowed is told as Mollie tells it', async () => {
  await fails(mollie.payments.get({ paymentId: 'tr_unknown' }), 404, { detail: /token/ });
  await fails(mollie.refunds.get({ paymentId: 'tr_unknown', refundId: 're_unknown' }), 404);
  await fails(mollie.chargebacks.get({ paymentId: await paid(), chargebackId: 'chb_unknown' }), 404);
  for (const [wrong, field] of [
    [{ amount: eur('1.0') }, 'amount'], [{ amount: { currency: 'JPY', value: '1.00' } }, 'amount'],
    [{ description: '' }, 'description'], [{ redirectUrl: 'javascript:alert(1)' }, 'redirectUrl'],
    [{ webhookUrl: 'nowhere' }, 'webhookUrl'], [{ method: 'klarna' }, 'method'],
    [{ method: 'ideal', amount: { currency: 'USD', value: '1.00' } }, 'amount'],
  ])
    await fails(mollie.payments.create({ paymentRequest: shop.wish(wrong) }), 422, { field });
  const elsewhere = clientOf(`test_${'x'.repeat(30)}`);
  await fails(elsewhere.payments.get({ paymentId: await paid() }), 404);
  // Mollie describes no 401, so the client has no object for it: it is an error all the same.
  const stranger = await clientOf('live_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa').payments.list().then(
    () => assert.fail('it was let in'), (error) => error);
  assert.equal(stranger.statusCode, 401);
  assert.equal(JSON.parse(stranger.body).title, 'Unauthorized Request');
});

test('an idempotency key makes one payment, and one refund', async () => {
  const idempotencyKey = randomUUID();
  let replayed = 0;
  const httpClient = new HTTPClient();
  httpClient.addHook('response', (response) => {
    if (response.headers.get('Idempotent-Replayed') === 'true') replayed += 1;
  });
  const client = clientOf(shop.key, { httpClient });
  const once = () => judged(client.payments.create({ idempotencyKey, paymentRequest: shop.wish() }));
  const first = await once();
  assert.deepEqual(await once(), first);
  assert.equal(replayed, 1);
  // A 400 that Mollie does not describe either.
  const other = await client.payments.create({ idempotencyKey, paymentRequest: shop.wish({ description: 'Other' }) })
    .then(() => assert.fail('it was taken'), (error) => error);
  assert.equal(other.statusCode, 400);

  const paymentId = await paid();
  const refundOnce = () => judged(client.refunds.create({ paymentId, idempotencyKey: `${idempotencyKey}-r`,
    refundRequest: { amount: eur('1.00'), description: 'Back' } }));
  assert.deepEqual(await refundOnce(), await refundOnce());
  assert.equal(replayed, 2);
});

test('many at once with one key are one payment', async () => {
  const idempotencyKey = randomUUID();
  const all = await Promise.all(Array.from({ length: 20 }, () =>
    judged(mollie.payments.create({ idempotencyKey, paymentRequest: shop.wish() }))));
  assert.equal(new Set(all.map((payment) => payment.id)).size, 1);
});

test('signatures made by the documented scheme are taken, and no others', async () => {
  const body = JSON.stringify({ resource: 'event', id: 'event_1', type: 'payment.paid', entityId: 'tr_1' });
  const signed = (secret) => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const old = new SignatureValidator(['new-secret', 'old-secret']);
  assert.equal(SignatureValidator.SIGNATURE_HEADER, 'X-Mollie-Signature');
  assert.equal(await old.validatePayload(body, signed('old-secret')), true);
  assert.equal(await old.validatePayload(body, [signed('lost-secret'), signed('new-secret')]), true);
  assert.equal(await old.validatePayload(body, null), false, 'a classic one has none');
  await assert.rejects(old.validatePayload(`${body} `, signed('new-secret')), InvalidSignatureException);
  await assert.rejects(old.validatePayload(body, signed('lost-secret')), InvalidSignatureException);
});

test('the judge refuses what is not as described', async () => {
  const broken = (change) => clientOf(shop.key, {
    httpClient: new HTTPClient({
      fetcher: async (input, init) => {
        const response = await fetch(input, init);
        return change(await response.json(), response);
      },
    }),
  });
  const answer = (json, status, type = 'application/hal+json') =>
    new Response(JSON.stringify(json), { status, headers: { 'content-type': type } });
  const bad = {
    'a link is missing': (json) => { delete json._links.dashboard; return answer(json, 201); },
    'the status is another': (json) => answer(json, 200),
    'the content type is another': (json) => answer(json, 201, 'application/json'),
  };
  for (const [what, change] of Object.entries(bad))
    await assert.rejects(broken(change).payments.create({ paymentRequest: shop.wish() }), undefined, what);
  await assert.rejects(broken(bad['a link is missing']).payments.create({ paymentRequest: shop.wish() }),
    ResponseValidationError);
});

test('of the whole tour the client refused nothing', () => {
  assert.ok(asked > 100, `only ${asked} calls were made`);
  assert.deepEqual(refusedByClient, []);
});
