// More clients than the server can serve: creates from ten times as many connections as may wait, each of which comes
// back when it is told to. Last line: `overload: N acknowledged, …, violations N`. SECONDS (4) of each measurement.
//
// Violations: goodput below 90 % of the peak (over up to three rounds of both), no refusal at all (then it was no
// overload), an answer that is neither 201 nor 503, a broken connection, a link that was acknowledged and is not there
// or is there and was not, and more than five seconds until rate and 99th percentile are nearly those of a server that
// was never crowded (0.8 of the one; twice the other, or 50 ms).
//
// Two controls: a server that lets everybody wait refuses nobody, and one whose crowd stays is not as before. Whoever
// does not wait but comes back at once takes processor time from those who are served: what is left then is told, and
// only losses are violations.

import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';

import { ask } from '../support/ask.mjs';
import { root, SandboxProcess } from '../support/sandbox_process.mjs';

const run = promisify(execFile);
const seconds = Number(process.env.SECONDS ?? 4);
const saturating = 64;
const room = 256;                 // writes that may wait
const crowd = 10 * room;
const recovery = 5;               // s
const roundsMax = 3;             // of peak and crowd: something else may take the processor from one of the two
const violations = [];
const violated = (sentence) => violations.push(sentence);

class Site {
  static async start(mayWait) {
    const site = Object.assign(new this(), { files: [], underWay: 0 });
    const flags = ['--limits-write-queue', String(mayWait), '--log-level', 'error'];
    site.sandbox = await SandboxProcess.start({ flags });
    site.port = Number(new URL(site.sandbox.ready.base_url).port);
    const { login, secret_key: key } = site.sandbox.ready.api_key;
    return Object.assign(site, { folder: site.sandbox.folder, authorization: `${login}:${key}` });
  }

  // What the load generator says of so many connections.
  async load(connections, more = []) {
    const ids = path.join(this.folder, `ids-${this.files.length}`);
    this.files.push(ids);
    this.underWay += connections;  // at most, when this measurement ends
    const words = ['--port', this.port, '--authorization', this.authorization, '--body',
      path.join(root, 'bench/body.json'), '--connections', connections, '--seconds', seconds, '--warmup', 0,
      '--save-ids', ids, ...more];
    const { stdout } = await run(path.join(root, 'build/bench/load'), words.map(String)).catch((ended) => {
      if (!ended.stdout) throw ended;  // it fails also when nobody was served, and tells of it all the same
      return ended;
    });
    const told = JSON.parse(stdout);
    const { unexpected, broken_connections: broken } = told;
    if (unexpected || broken) violated(`${unexpected} other answers, ${broken} broken connections`);
    return told;
  }

  async acknowledged() {
    const ids = new Set();
    for (const file of this.files)
      for await (const line of readline.createInterface({ input: createReadStream(file) })) ids.add(line);
    return ids;
  }

  get(target) {
    return ask(this.port, 'GET', target, { headers: { authorization: this.authorization } });
  }
}

// A short measurement of `site` against what was before, and against a server of its size that was never crowded: what
// else this machine does at the time slows down both.
async function isNormal(site, twin, before) {
  const probe = ['--seconds', 0.5, '--retry-after', 50];
  const now = await site.load(saturating, probe);
  const done = Date.now();
  const other = await twin.load(saturating, probe);
  const normal = now.refused === 0 && now.per_second > 0
    && now.per_second >= 0.8 * Math.min(before.per_second, other.per_second)
    && now.p99_us <= Math.max(2 * before.p99_us, 2 * other.p99_us, 50_000);
  return { normal, done };
}

// Seconds until it is; Infinity when it never is.
async function untilNormal(site, twin, before) {
  const begun = Date.now();
  for (;;) {
    const { normal, done } = await isNormal(site, twin, before);
    const passed = (done - begun) / 1_000;
    if (normal) return passed;
    if (passed > 2 * recovery) return Infinity;
  }
}

// Everything that was sent has been answered, but for what was under way when a measurement ended.
async function compare(site) {
  const ids = await site.acknowledged();
  const { total_count: stored } = JSON.parse((await site.get('/v2/payment_links?per_page=1')).text).meta;
  if (stored < ids.size || stored > ids.size + site.underWay)
    violated(`${ids.size} links were acknowledged, ${stored} are there`);
  const some = [...ids].filter((_, i) => i % Math.ceil(ids.size / 500) === 0);
  for (const id of some)
    if ((await site.get(`/v2/payment_links/${id}`)).status !== 200) violated(`link ${id} is not there`);
  return ids.size;
}

async function control() {
  const site = await Site.start(100 * crowd);
  const { refused } = await site.load(crowd, ['--retry-after', 1_000, '--seconds', 1]);
  await site.sandbox.stop();
  if (refused > 0) throw new Error('A server that lets everybody wait refuses somebody: what is measured here?');
}

// The crowd that stays must not look like the time after it.
async function controlOfRecovery(site, twin) {
  const before = await twin.load(saturating, ['--seconds', 2 * seconds]);  // and its size
  const staying = site.load(crowd, ['--retry-after', 0, '--seconds', 3]);
  await setTimeout(1_000);
  if ((await isNormal(site, twin, before)).normal) throw new Error('Beside a crowd everything is as before?');
  await staying;
}

async function main() {
  await run(path.join(root, 'bench/programs'), ['load']);
  await control();
  const site = await Site.start(room);
  const twin = await Site.start(room);
  await controlOfRecovery(site, twin);
  const rounds = [];
  const sum = (of) => rounds.reduce((all, round) => all + round[of].per_second, 0);
  do {
    const calm = await site.load(saturating, ['--warmup', 1]);
    rounds.push({ calm, crowded: await site.load(crowd, ['--retry-after', 1_000]) });
  } while (sum('crowded') < 0.9 * sum('calm') && rounds.length < roundsMax);
  const { calm: peak, crowded: polite } = rounds.at(-1);
  const normal = await untilNormal(site, twin, peak);
  const rude = await site.load(crowd, ['--retry-after', 0]);
  const normalAgain = await untilNormal(site, twin, peak);
  const goodput = sum('crowded') / sum('calm');

  if (!(goodput >= 0.9) || sum('calm') === 0) violated(`goodput ${goodput.toFixed(2)} of the peak`);
  if (rounds.some(({ crowded }) => crowded.refused === 0)) violated('nobody was refused');
  for (const passed of [normal, normalAgain])
    if (passed > recovery) violated(`${passed} s until everything was as before`);
  const count = await compare(site);
  await Promise.all([site.sandbox.stop(), twin.sandbox.stop()]);

  for (const sentence of violations.slice(0, 20)) console.log(sentence);
  console.log(`peak ${peak.per_second} per second, p99 ${peak.p99_us / 1_000} ms; of ${crowd} polite clients `
    + `${polite.refused} refusals, goodput ${goodput.toFixed(2)}, p99 ${polite.p99_us / 1_000} ms; of as many rude `
    + `ones ${rude.refused} refusals, goodput ${(rude.per_second / peak.per_second).toFixed(2)}; as before after `
    + `${normal.toFixed(1)} s and ${normalAgain.toFixed(1)} s`);
  console.log(`overload: ${count} acknowledged, violations ${violations.length}`);
  process.exit(violations.length ? 1 : 0);
}

await main();
