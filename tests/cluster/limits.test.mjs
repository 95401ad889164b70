// What one client may ask of all nodes together.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Cluster, eventually, keepAlive, links } from './cluster.mjs';

const limit = 200;  // in 10 s
const pace = 60;    // requests a second, of one client on all nodes together
const late = 2;     // seconds until the others' requests are known (docs/limits.md)
let cluster;

before(async () => {
  cluster = await Cluster.start({ haproxy: false,
    flags: ['--rate-limits', '--rate-limits-requests-per-10s', String(limit), '--trusted-proxies', '127.0.0.1'] });
});

after(() => cluster?.stop());

// Asks the nodes in turn for so many seconds; how many were served, and how many refused.
async function ask(client, seconds, nodes) {
  const agent = keepAlive(1_000);
  const answers = [];
  const begun = Date.now();
  for (let i = 0; i < seconds * pace; i += 1) {
    await sleep(begun + (i * 1000) / pace - Date.now());
    const { port } = nodes[i % nodes.length];
    const headers = { 'x-forwarded-for': client };
    answers.push(cluster.ask(port, 'GET', `${links}?per_page=1`, { headers, agent }).then(({ status }) => status));
  }
  const statuses = await Promise.all(answers);
  agent.destroy();
  const count = (wanted) => statuses.filter((status) => status === wanted).length;
  assert.equal(count(200) + count(429), statuses.length, String(new Set(statuses)));
  return { served: count(200), refused: count(429) };
}

test('a client gets the limit once, not once on each node', { timeout: 60_000 }, async (context) => {
  // Alone each node would serve all of its third.
  const seconds = 8;
  assert.ok((seconds * pace) / cluster.nodes.length < limit);
  const { served, refused } = await ask('198.51.100.7', seconds, cluster.nodes);
  context.diagnostic(`${served} served of a limit of ${limit}, ${refused} refused`);
  assert.ok(served >= limit, `${served} served`);
  assert.ok(served <= limit + late * pace, `${served} served`);
  // All know by now, whoever is asked; and only of this client.
  await eventually('every node refuses', async () => {
    const answers = await Promise.all([cluster.firstPort, ...cluster.nodes.map((node) => node.port)].map((port) =>
      cluster.ask(port, 'GET', `${links}?per_page=1`, { headers: { 'x-forwarded-for': '198.51.100.7' } })));
    return answers.every(({ status }) => status === 429);
  }, 3_000);
  const others = await ask('203.0.113.9', 1, cluster.nodes);
  assert.equal(others.refused, 0);
});

test('failed attempts to authenticate are counted on all nodes together', { timeout: 60_000 }, async () => {
  const headers = { 'x-forwarded-for': '192.0.2.44' };
  const attempt = async ({ port }, count) => {
    const answers = await Promise.all(Array.from({ length: count }, () =>
      cluster.ask(port, 'GET', links, { headers, authorization: 'acme-sandbox:wrong' })));
    return answers.filter(({ status }) => status === 401).length;
  };
  // 200 answers of 401 in an hour.
  const [first, second, third] = cluster.nodes;
  assert.equal(await attempt(first, 180), 180);
  await sleep(late * 1000 + 500);
  assert.equal(await attempt(second, 30), 20);
  await sleep(late * 1000 + 500);
  assert.equal(await attempt(third, 5), 0);
});
