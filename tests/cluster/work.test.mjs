// What all nodes look after is done once, and what two of them are asked at the same moment too. Nobody listens where
// the provider's notifications go, so everything is left to the workers. `N=` races for so many links (50).

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';

import { Cluster, eventually, links, times } from './cluster.mjs';

const races = times(50);
let cluster;

before(async () => {
  cluster = await Cluster.start({ haproxy: false });
});

after(() => cluster?.stop());

// Whatever happened: money is neither made nor lost, and nobody was charged for nothing.
afterEach(async () => {
  assert.deepEqual(await cluster.database.rows(`SELECT movement_id FROM ledger_entries
    GROUP BY organization_id, movement_id, currency HAVING SUM(amount_minor) <> 0 OR COUNT(*) <> 2`), []);
  assert.deepEqual(await cluster.database.rows(`SELECT payment_link_id FROM captures WHERE kept = 1 AND exclusive = 1
    GROUP BY organization_id, payment_link_id HAVING COUNT(*) > 1`), []);
});

const listOf = (ids) => ids.map((id) => `'${id}'`).join();
const nodeOf = (i) => cluster.nodes[i % cluster.nodes.length];

function createLinks(count, more) {
  return Promise.all(Array.from({ length: count }, (_, i) => cluster.createLink(nodeOf(i).port, more)));
}

// How often the link's subscribers are told that it is `status`: by how often, how many links.
async function told(made, status) {
  const rows = await cluster.database.rows(`SELECT link.id, COUNT(event.id) AS told FROM payment_links AS link
    LEFT JOIN outbox_events AS event ON event.payload::json->>'payment_link_id' = link.id::text
      AND event.payload::json->>'event' = 'updated' AND event.payload::json->>'status' = '${status}'
    WHERE link.id IN (${listOf(made.map(({ id }) => id))}) GROUP BY link.id`);
  const counts = {};
  for (const row of rows) counts[row.told] = (counts[row.told] ?? 0) + 1;
  return counts;
}

function count(made, condition) {
  return cluster.database.number(`SELECT COUNT(*) FROM payment_links WHERE ${condition}
    AND id IN (${listOf(made.map(({ id }) => id))})`);
}

test('300 links that expire at the same moment are told of once each', async () => {
  const { now } = await cluster.call(cluster.firstPort, 'GET', '/sandbox/clock');
  const end = new Date(Date.parse(now) + 600_000).toISOString();
  const made = await createLinks(300, { expiration_date: end });
  // One of them moves the clock, and all look.
  const body = { advance: '11m' };
  await Promise.all(cluster.nodes.map((node) => cluster.ask(node.port, 'POST', '/sandbox/clock', { body })));
  await eventually('all are expired', async () => await count(made, "status = 'expired'") === made.length);
  assert.deepEqual(await told(made, 'expired'), { 1: made.length });
});

// How often each of 60 payments that are due at the same moment is asked about over the wire.
async function askedWhenDue() {
  const made = await createLinks(60);
  const paid = await Promise.all(made.map((link, i) => cluster.pay(nodeOf(i).port, link, 'pending')));
  assert.deepEqual(paid.map(({ status }) => status), made.map(() => 201));
  const ours = `payment_link_id IN (${listOf(made.map(({ id }) => id))})`;
  const attempts = await cluster.database.rows(`SELECT provider_payment_id, checkout_url FROM attempts WHERE ${ours}`);
  await Promise.all(attempts.map((attempt) => cluster.decide(attempt.checkout_url, 'paid')));
  cluster.wire.counts.clear();
  await cluster.advance('2h');
  await eventually('all are paid', async () => await count(made, "status = 'paid'") === made.length);
  assert.deepEqual(await told(made, 'paid'), { 1: made.length });
  return attempts.map(({ provider_payment_id: id }) =>
    cluster.wire.counts.get(`GET /v2/payments/${id}?embed=chargebacks,refunds`) ?? 0);
}

test('60 payments that are due at the same moment are asked about once each', async (context) => {
  // The server that has the simulator is a node as well and not on the wire: where it is first, nothing is seen there.
  let seen = 0;
  let rounds = 0;
  for (; seen < 60 && rounds < 20; rounds += 1) {
    const asked = await askedWhenDue();
    assert.deepEqual(asked.filter((times) => times > 1), []);
    seen += asked.filter((times) => times === 1).length;
  }
  assert.ok(seen > 0);
  context.diagnostic(`${seen} questions over the wire in ${rounds} rounds`);
});

test('20 requests of a node that died are finished by the others, once each', async () => {
  const made = await createLinks(20);
  await Promise.all(made.map((link, i) => cluster.pay(nodeOf(i).port, link, 'pending', 'credit_card')));
  const [dying, living] = cluster.nodes;
  const keys = made.map(() => randomUUID());
  const switchOff = (node, i) => cluster.ask(node.port, 'PATCH', `${links}/${made[i].id}/deactivate`, { key: keys[i] });
  cluster.wire.hold();
  const broken = made.map((_, i) => switchOff(dying, i).catch((error) => error));
  await eventually('all wait for the provider', () => cluster.wire.waiting.length >= made.length);
  await dying.end('SIGKILL');
  assert.ok((await Promise.all(broken)).every((answer) => answer instanceof Error));
  cluster.wire.release();
  assert.equal(await cluster.database.number('SELECT COUNT(*) FROM running_flows'), made.length);
  const early = await switchOff(living, 0);
  assert.deepEqual([early.status, early.json.errors[0].code], [409, 'idempotency_in_progress']);
  cluster.wire.counts.clear();
  await cluster.advance('3m', living.port);
  await eventually('all are off', async () => await count(made, "status = 'canceled'") === made.length);
  await eventually('all are finished', async () => 0 === await cluster.database
    .number('SELECT COUNT(*) FROM running_flows'));
  assert.deepEqual(await told(made, 'canceled'), { 1: made.length });
  const cancels = [...cluster.wire.counts].filter(([what]) => what.startsWith('DELETE '));
  assert.deepEqual(cancels.filter(([, times]) => times > 1), []);
  for (const [i, link] of made.entries()) {
    const answer = await switchOff(nodeOf(1 + (i % 2)), i);
    assert.deepEqual([answer.status, answer.json.id, answer.json.status], [200, link.id, 'canceled']);
  }
  await dying.begin();
});

// Two payers come to different nodes at the same moment, and both say that they start over.
async function race(link, i) {
  const ports = [nodeOf(i).port, nodeOf(i + 1).port];
  // Half of them pay at once, the others when both are at the provider's page.
  if (i % 2 === 0) return Promise.all(ports.map((port) => cluster.pay(port, link, 'paid')));
  const begun = await Promise.all(ports.map((port) => cluster.pay(port, link, 'pending')));
  const attempts = await cluster.database.rows(`SELECT checkout_url FROM attempts
    WHERE payment_link_id = '${link.id}' AND checkout_url <> ''`);
  await Promise.all(attempts.map((attempt) => cluster.decide(attempt.checkout_url, 'paid')));
  return begun;
}

test('of two payers who begin at different nodes at the same moment one is charged', { timeout: 120_000 },
  async (context) => {
    const made = await createLinks(races);
    cluster.wire.counts.clear();
    for (const [i, link] of made.entries()) {
      const answers = await race(link, i);
      for (const { status, text } of answers) assert.ok([201, 409].includes(status), `${status} ${text}`);
    }
    await cluster.advance('2h');
    await eventually('all are paid', async () => await count(made, "status = 'paid'") === made.length);
    // Where one of two is surplus its money goes back, which the provider takes two days for at most.
    const ours = `payment_link_id IN (${listOf(made.map(({ id }) => id))})`;
    await eventually('no payment is on its way', async () => 0 === await cluster.database
      .number(`SELECT COUNT(*) FROM attempts WHERE ${ours} AND state IN ('open', 'pending', 'authorized')`));
    const surplus = await cluster.database.number(`SELECT COUNT(*) FROM captures WHERE ${ours} AND kept = 0`);
    const refunds = (state) => cluster.database.number(`SELECT COUNT(*) FROM refunds WHERE ${state} attempt_id IN (
      SELECT attempt_id FROM captures WHERE ${ours} AND kept = 0)`);
    assert.equal(await refunds(''), surplus);
    await eventually('the provider knows of all surplus', async () =>
      surplus === await refunds("provider_refund_id <> '' AND"));
    for (let days = 0; days < 5 && await refunds("state = 'refunded' AND") < surplus; days += 1) {
      await cluster.advance('1d');
      await eventually('refunded', async () => await refunds("state = 'refunded' AND") === surplus, 3_000)
        .catch(() => null);
    }
    assert.equal(await refunds("state = 'refunded' AND"), surplus);
    assert.equal(await cluster.database.number(`SELECT COUNT(*) FROM captures WHERE ${ours} AND kept = 1`), races);
    const doubled = await cluster.atProvider('SELECT payment_number FROM refunds GROUP BY 1 HAVING COUNT(*) > 1');
    assert.deepEqual(doubled, []);
    const asked = [...cluster.wire.counts].filter(([what]) => /^POST .*\/refunds$/.test(what));
    assert.deepEqual(asked.filter(([, times]) => times > 1), []);
    context.diagnostic(`${races} races, ${surplus} refunds`);
  });

test('at the provider each link that is paid was paid once', async () => {
  const ids = await cluster.database.rows(`SELECT attempt.provider_payment_id AS payment, link.id, link.amount_minor
    FROM attempts AS attempt JOIN payment_links AS link ON link.id = attempt.payment_link_id
    WHERE link.status = 'paid'`);
  const payments = await cluster.atProvider(`SELECT id, amount_minor - refunded_minor AS kept FROM payments
    WHERE status = 'paid'`);
  const kept = new Map(payments.map((payment) => [payment.id, payment.kept]));
  const sums = new Map();
  for (const { payment, id } of ids) sums.set(id, (sums.get(id) ?? 0) + (kept.get(payment) ?? 0));
  const wrong = ids.filter(({ id, amount_minor: amount }) => sums.get(id) !== amount);
  assert.ok(ids.length > 0);
  assert.deepEqual(wrong, []);
});
