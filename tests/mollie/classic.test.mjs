// The client that most shops use: it checks less of the answers, and asks in other ways.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';

import { Shop, eur, methods } from './shop.mjs';

const { createMollieClient } = createRequire(import.meta.url)('@mollie/api-client');

let shop;
let mollie;

// It makes itself an agent for https, whatever its address says, and the simulator speaks http.
function clientOf(apiKey) {
  const { Agent } = https;
  https.Agent = http.Agent;
  try {
    return createMollieClient({ apiKey, apiEndpoint: `${shop.url}/v2/` });
  } finally {
    https.Agent = Agent;
  }
}

async function fails(call, statusCode, { field, message } = {}) {
  const error = await call.then(() => assert.fail('it was taken'), (refusal) => refusal);
  assert.equal(error.name, 'ApiError', String(error));
  assert.equal(error.statusCode, statusCode);
  assert.match(error.getDocumentationUrl(), /^http:/);
  if (field) assert.equal(error.field, field);
  if (message) assert.match(error.message, message);
}

async function paid(more = {}) {
  const payment = await mollie.payments.create(shop.wish({ method: 'creditcard', ...more }));
  await shop.decide(payment.getCheckoutUrl(), 'paid');
  return payment.id;
}

before(async () => {
  shop = await Shop.open();
  mollie = clientOf(shop.key);
});
after(() => shop?.close());

test('payments of each method are created, read, updated and canceled', async () => {
  for (const method of [...methods, undefined, ['paypal', 'ideal']]) {
    const payment = await mollie.payments.create(shop.wish({ method }));
    assert.deepEqual([payment.status, payment.amount], ['open', eur('13.30')]);
    const read = await mollie.payments.get(payment.id);
    assert.deepEqual(JSON.parse(JSON.stringify(read)), JSON.parse(JSON.stringify(payment)));
  }
  const { id } = await mollie.payments.create(shop.wish({ method: 'creditcard' }));
  const updated = await mollie.payments.update(id, { description: 'Order 8', metadata: { order: 8 } });
  assert.deepEqual([updated.description, updated.metadata], ['Order 8', { order: 8 }]);
  assert.equal((await mollie.payments.cancel(id)).status, 'canceled');
  await fails(mollie.payments.cancel(id), 422);
});

test('lists are walked through, however long', async () => {
  const other = clientOf(`test_${randomUUID().replaceAll('-', '')}`);
  const ids = [];
  for (let i = 0; i < 5; i += 1) ids.unshift((await other.payments.create(shop.wish())).id);
  const page = await other.payments.page({ limit: 2 });
  assert.deepEqual(page.map((payment) => payment.id), ids.slice(0, 2));
  const next = await page.nextPage();
  assert.deepEqual(next.map((payment) => payment.id), ids.slice(2, 4));
  assert.deepEqual((await next.previousPage()).map((payment) => payment.id), ids.slice(0, 2));
  const seen = [];
  for await (const payment of other.payments.iterate()) seen.push(payment.id);
  assert.deepEqual(seen, ids);
});

test('refunds and chargebacks', async () => {
  const paymentId = await paid();
  const refund = await mollie.paymentRefunds.create({ paymentId, amount: eur('10.00'), description: 'Back' });
  assert.equal(refund.status, 'queued');
  await fails(mollie.paymentRefunds.create({ paymentId, amount: eur('10.00'), description: 'Back' }), 409,
    { message: /duplicate refund/ });
  await fails(mollie.paymentRefunds.create({ paymentId, amount: eur('3.31'), description: 'Back' }), 422,
    { field: 'amount' });
  assert.equal((await mollie.paymentRefunds.get(refund.id, { paymentId })).id, refund.id);
  assert.equal((await mollie.paymentRefunds.page({ paymentId })).length, 1);
  assert.equal((await mollie.refunds.page()).at(0).id, refund.id);
  assert.equal(await mollie.paymentRefunds.cancel(refund.id, { paymentId }), true);
  await fails(mollie.paymentRefunds.cancel(refund.id, { paymentId }), 404);

  await shop.chargeBack(paymentId);
  const [chargeback] = await mollie.paymentChargebacks.page({ paymentId });
  assert.deepEqual(chargeback.amount, eur('13.30'));
  assert.equal((await mollie.paymentChargebacks.get(chargeback.id, { paymentId })).id, chargeback.id);
  assert.equal((await mollie.chargebacks.page()).at(0).id, chargeback.id);
  const payment = await mollie.payments.get(paymentId, { embed: ['refunds', 'chargebacks'] });
  assert.equal(payment.hasChargebacks(), true);
  assert.deepEqual(payment.amountChargedBack, eur('13.30'));
  assert.equal(payment._embedded.chargebacks.length, 1);
});

test('methods and the profile', async () => {
  const ids = (list) => list.map((method) => method.id);
  assert.deepEqual(ids(await mollie.methods.list()), ['creditcard', 'paypal', 'ideal']);
  assert.deepEqual(ids(await mollie.methods.list({ includeWallets: ['applepay'] })), methods);
  assert.deepEqual(ids(await mollie.methods.list({ amount: eur('20000.00') })), ['ideal']);
  assert.equal((await mollie.methods.get('ideal')).description, 'iDEAL | Wero');
  await fails(mollie.methods.get('klarna'), 404);
  assert.equal((await mollie.profiles.getCurrent()).id, (await mollie.payments.create(shop.wish())).profileId);
});

test('refusals, and the same request twice', async () => {
  await fails(mollie.payments.get('tr_unknown'), 404);
  await fails(mollie.payments.create(shop.wish({ amount: eur('1.0') })), 422, { field: 'amount' });
  await fails(clientOf('live_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa').payments.page(), 401, { message: /authenticat/ });
  const idempotencyKey = randomUUID();
  const once = (more) => mollie.payments.create({ ...shop.wish(more), idempotencyKey });
  assert.equal((await once()).id, (await once()).id);
  await fails(once({ description: 'Other' }), 400, { message: /Idempotency-Key/ });
});
