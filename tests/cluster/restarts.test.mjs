// Nodes come and go under load. `N=` restarts nodes so often in all (9).

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { binary } from '../support/sandbox_process.mjs';
import { Cluster, eventually, linkBody, links, times } from './cluster.mjs';
import { Load } from './load.mjs';

const restarts = times(9);
const grace = 700;  // ms; haproxy needs two looks, 100 ms apart
let cluster;

before(async () => {
  cluster = await Cluster.start({ flags: ['--shutdown-grace-ms', String(grace)] });
});

after(() => cluster?.stop());

// Every link that a client was told of is there.
async function expectKept(load) {
  const ids = [...load.created.values()];
  const stored = new Set((await cluster.database.rows('SELECT id FROM payment_links')).map(({ id }) => id));
  assert.deepEqual(ids.filter((id) => !stored.has(id)), []);
  assert.equal(new Set(ids).size, ids.length);
}

test('a rolling restart fails no request', { timeout: 60_000 + restarts * 10_000 }, async (context) => {
  for (let i = 0; i < 5; i += 1) await cluster.createLink();
  const load = Load.begin(cluster);
  await sleep(500);
  for (let i = 0; i < restarts && load.failures.length === 0; i += 1) {
    const node = cluster.nodes[i % cluster.nodes.length];
    assert.equal(await node.end(), 0);
    await node.begin();
    // The balancer looks before the next one goes.
    await sleep(300);
  }
  await load.end();
  context.diagnostic(`${restarts} restarts, ${load.requests} requests, ${load.failures.length} failed`);
  assert.deepEqual(load.failures, [], await cluster.haproxy.said());
  await expectKept(load);
});

test('a node that dies loses nothing, and others settle the payments begun on it', { timeout: 90_000 },
  async (context) => {
    const linksBefore = await cluster.database.number('SELECT COUNT(*) FROM payment_links');
    const [dying, living] = cluster.nodes;
    const load = Load.begin(cluster);
    const begun = [];
    for (let i = 0; i < 10; i += 1) begun.push(await cluster.createLink(dying.port));
    cluster.wire.hold();
    const pays = begun.map((link) => cluster.pay(dying.port, link, 'pending').catch((error) => error));
    await eventually('payments on their way to the provider', () => cluster.wire.waiting.length >= begun.length);
    const killedAt = Date.now(), requestsBefore = load.requests;
    await dying.end('SIGKILL');
    const broken = await Promise.all(pays);
    assert.ok(broken.every((answer) => answer instanceof Error));
    cluster.wire.release();
    await sleep(2_000);
    await load.end();

    const noticed = killedAt + 300;  // ms
    for (const { begunAt, endedAt, what, why } of load.failures)
      assert.ok(begunAt <= noticed && endedAt >= killedAt, `${what}, ${begunAt - killedAt} ms after the end: ${why}`);
    assert.ok(load.failures.length <= load.clients, `${load.failures.length} requests failed`);
    assert.ok(load.requests - requestsBefore > 50, 'the others do not go on');
    for (const { key } of load.failures.filter((failure) => failure.key)) {
      const { payment_link: link } = await cluster.call(living.port, 'POST', links, { key, body: linkBody() });
      load.created.set(key, link.id);
    }
    await expectKept(load);
    const linksAfter = await cluster.database.number('SELECT COUNT(*) FROM payment_links');
    assert.equal(linksAfter - linksBefore, load.created.size + begun.length);

    const ours = `payment_link_id IN (${begun.map(({ id }) => `'${id}'`).join()})`;
    const attempts = () => cluster.database
      .rows(`SELECT id, provider_payment_id, checkout_url FROM attempts WHERE ${ours}`);
    assert.deepEqual((await attempts()).map((attempt) => attempt.provider_payment_id), begun.map(() => ''));
    await cluster.advance('2m', living.port);
    const known = await eventually('the provider knows of the payments', async () => {
      const found = await attempts();
      return found.every((attempt) => attempt.provider_payment_id) && found;
    });
    await Promise.all(known.map((attempt) => cluster.decide(attempt.checkout_url, 'paid')));
    await eventually('the links are paid', async () => begun.length === await cluster.database
      .number(`SELECT COUNT(*) FROM captures WHERE ${ours} AND kept = 1`));
    context.diagnostic(`${load.requests} requests, ${load.failures.length} failed with the node`);
    await dying.begin();
  });

test('a node of an older version does not start on a newer schema, and the others go on', async () => {
  const spare = await cluster.spareDataDir();
  const start = () => promisify(execFile)(binary, ['migrate', '--data-dir', spare, '--database', cluster.database.url]);
  await start();
  await cluster.database.execute("INSERT INTO schema_migrations VALUES (9999, 'of a newer version', 0)");
  const sentence = 'The database has schema version 9999, this program knows versions up to ';
  await assert.rejects(start, (error) => error.code === 1 && error.stderr.includes(sentence));
  const [older, ...others] = cluster.nodes;
  assert.equal(await older.end(), 0);
  await assert.rejects(older.begin(), /ended with 1/);
  assert.ok((await fs.readFile(path.join(older.folder, 'log'), 'utf8')).includes(`paylink: ${sentence}`));
  for (const { port } of [...others, cluster]) await cluster.createLink(port);
  await cluster.database.execute('DELETE FROM schema_migrations WHERE number = 9999');
  await older.begin();
});
