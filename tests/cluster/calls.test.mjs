// Idempotency keys and API keys hold on all nodes, whichever is asked. `N=` sends so many storms of each kind (30).

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';

import { Use, assertEndsWithinASecond } from '../support/use.mjs';
import { Cluster, keepAlive, linkBody, links, times } from './cluster.mjs';

const storms = times(30);
const requests = 100;  // of one storm
let cluster;
let agents;

before(async () => {
  cluster = await Cluster.start({ haproxy: false });
  agents = cluster.nodes.map(() => keepAlive(requests));
});

after(async () => {
  agents?.forEach((agent) => agent.destroy());
  await cluster?.stop();
});

// Sends one request under one key to all nodes at the same time; what its client is told, byte for byte.
async function storm(method, target, body, status) {
  const key = randomUUID();
  const answers = await Promise.all(Array.from({ length: requests }, (_, i) => {
    const at = i % cluster.nodes.length;
    return cluster.ask(cluster.nodes[at].port, method, target, { key, body, agent: agents[at] });
  }));
  const done = answers.filter((answer) => answer.status === status);
  for (const answer of answers.filter((one) => one.status !== status))
    assert.deepEqual([answer.status, answer.json?.errors[0].code], [409, 'idempotency_in_progress'], answer.text);
  assert.equal(new Set(done.map((answer) => answer.text)).size, 1, `${done.length} answers of ${status}`);
  return { told: done[0].json, conflicts: answers.length - done.length };
}

test('a key sent to all nodes at once makes one link', async (context) => {
  const count = () => cluster.database.number('SELECT COUNT(*) FROM payment_links');
  const before = await count();
  let conflicts = 0;
  for (let i = 0; i < storms; i += 1) conflicts += (await storm('POST', links, linkBody(), 201)).conflicts;
  assert.equal(await count() - before, storms);
  context.diagnostic(`${storms} storms of ${requests}, ${conflicts} answers of 409`);
});

test('a key sent to all nodes at once switches a link off once', async (context) => {
  let conflicts = 0;
  const made = [];
  for (let i = 0; i < storms; i += 1) {
    const link = await cluster.createLink(cluster.nodes[i % cluster.nodes.length].port);
    // On every second link a payment is being settled, which the provider has to be asked about.
    if (i % 2 === 0) await cluster.pay(cluster.nodes[0].port, link, 'pending', 'credit_card');
    const stormed = await storm('PATCH', `${links}/${link.id}/deactivate`, undefined, 200);
    assert.equal(stormed.told.status, 'canceled');
    conflicts += stormed.conflicts;
    made.push(link.id);
  }
  const events = await cluster.database.rows(`SELECT payload::json->>'payment_link_id' AS id, COUNT(*) AS told
    FROM outbox_events WHERE payload::json->>'status' = 'canceled' GROUP BY 1`);
  assert.deepEqual(new Map(events.map(({ id, told }) => [id, told])), new Map(made.map((id) => [id, 1])));
  assert.equal(await cluster.database.number('SELECT COUNT(*) FROM running_flows'), 0);
  context.diagnostic(`${storms} storms of ${requests}, ${conflicts} answers of 409`);
});

async function makeKey(name) {
  const words = ['--name', name, '--scope', 'payment_link.read'];
  const made = await cluster.keys('create', cluster.nodes[0].dataDir, ...words);
  const { id, login, secret_key: secret } = JSON.parse(made);
  return { id, authorization: `${login}:${secret}` };
}

for (const [by, dataDir] of [
  ['the node it was made on', () => cluster.nodes[0].dataDir],
  ['another node', () => cluster.nodes[1].dataDir],
  ['no server at all', () => cluster.spareDataDir()],
])
  test(`a key made on one node works on all at once; revoked by ${by} it is refused within a second`,
    async (context) => {
      const { id, authorization } = await makeKey(by);
      const all = [cluster.firstPort, ...cluster.nodes.map((node) => node.port)];
      for (const port of all) await cluster.call(port, 'GET', `${links}?per_page=1`, { authorization });
      const uses = all.map((port) => Use.begin(async (agent) =>
        (await cluster.ask(port, 'GET', `${links}?per_page=1`, { authorization, agent })).status));
      const late = await assertEndsWithinASecond(uses, async () => cluster.keys('revoke', await dataDir(), id));
      context.diagnostic(`served for ${late.join(', ')} ms longer`);
    });
