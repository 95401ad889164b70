// Idempotency keys and API keys hold on all nodes, whichever is asked. `N=` sends so many storms of each kind (30).

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

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

// Uses a key on a node until it is refused there and the second after that is over.
class Use {
  lastGood = 0;  // when the last request that was served began
  refused = 0;
  others = [];   // answers that are neither
  isOver = false;

  static begin(port, authorization) {
    const use = new this();
    use.done = use.goOn(port, authorization);
    return use;
  }

  async goOn(port, authorization) {
    const agent = keepAlive(1);
    while (!this.isOver) {
      const at = Date.now();
      const { status } = await cluster.ask(port, 'GET', `${links}?per_page=1`, { authorization, agent });
      if (status === 200) this.lastGood = at;
      else if (status === 401) this.refused += 1;
      else this.others.push(status);
      await sleep(5);
    }
    agent.destroy();
  }
}

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
      const uses = all.map((port) => Use.begin(port, authorization));
      await sleep(300);
      await cluster.keys('revoke', await dataDir(), id);
      const revokedAt = Date.now();
      await sleep(1_500);
      for (const use of uses) use.isOver = true;
      await Promise.all(uses.map((use) => use.done));
      const late = uses.map((use) => use.lastGood - revokedAt);
      context.diagnostic(`served for ${late.map((ms) => Math.max(ms, 0)).join(', ')} ms longer`);
      for (const [i, use] of uses.entries()) {
        assert.ok(late[i] <= 1_000, `port ${all[i]}: ${late[i]} ms`);
        assert.ok(use.lastGood > 0 && use.refused > 10, `port ${all[i]}`);
        assert.deepEqual(use.others, []);
      }
    });
