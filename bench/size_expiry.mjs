// What requests take while very many links expire at one moment, and how fast that is stored beside them and alone.
//
// Environment: EXPIRING (1000000), PAYLINK_BIN; on PostgreSQL inside `tools/postgres run`, as bench/size does.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bodyFile, note } from './common.mjs';
import { load, pause } from './servers.mjs';
import { ask, askJson, endLoading, engine, install, isPostgres, keepInMemory } from './size_installations.mjs';
import { closeSite, openSite, quietGets } from './size_sites.mjs';
import { median } from './table.mjs';

const expiring = Number(process.env.EXPIRING ?? 1_000_000);
const windowSeconds = 5;
const windowsBefore = 8;
const windowsDuring = 12;
const secondsAlone = 20;
const slowest = 100; // links a second, of a machine that others use as well
const run = promisify(execFile);
const now = () => Date.now() / 1000;

const late = (moment) => `SELECT COUNT(*) FROM payment_links WHERE status = 'open'`
  + ` AND expires_effective_at <= ${moment * 1_000_000}`;

// How many are yet to be stored as expired; answers of the server are right before they are.
async function leftOf(installation, moment) {
  if (isPostgres) return Number(await (await import('./postgres.mjs')).single(installation.database, late(moment)));
  const program = 'import sqlite3, sys\n'
    + 'print(sqlite3.connect(sys.argv[1], uri=True).execute(sys.argv[2]).fetchone()[0])';
  const file = `file:${join(installation.data, 'paylink.db')}?mode=ro`;
  const { stdout } = await run('python3', ['-c', program, file, late(moment)]);
  return Number(stdout.trim());
}

// GETs at a fixed rate, creates by four clients that rest between them, and now and then a list: far less than would
// keep the server busy.
async function oneWindow(site) {
  const until = now() + windowSeconds;
  const creates = load(site.server,
    ['--body', bodyFile, '--connections', 4, '--pause', 20, '--seconds', windowSeconds, '--warmup', 0]);
  const gets = quietGets(site, windowSeconds);
  const lists = [];
  while (now() < until) {
    lists.push((await ask(site.server, '/v2/payment_links?status[]=expired')).milliseconds * 1000);
    await pause(200);
  }
  const [get, create] = [await gets, await creates];
  return { get: get.p99_us, create: create.p99_us, created: create.per_second, list: Math.max(...lists) };
}

const totalOf = async (site, status) =>
  (await askJson(site.server, `/v2/payment_links?per_page=1&status[]=${status}`)).meta.total_count;

const links = Math.ceil(expiring * 1.2);
const moment = Math.ceil(now() + 45 + expiring / 15_000 + windowsBefore * windowSeconds);
const options = ['--expiring', expiring, '--expires-at', moment];
const installation = await install('expiring', links, { options, isFresh: true });
await endLoading();
const site = await openSite(installation);
await keepInMemory(installation);
const expiredBefore = await totalOf(site, 'expired');
const windows = { before: [], during: [] };
const spare = moment - now() - windowsBefore * windowSeconds - 3;
if (spare < 0) throw new Error(`writing the links took ${-spare.toFixed(0)} s too long: they are about to expire`);
await pause(spare * 1000);
for (let at = 0; at < windowsBefore; ++at) windows.before.push(await oneWindow(site));
while (now() < moment) await pause(20);

const expired = await totalOf(site, 'expired') - expiredBefore;
if (expired < expiring) throw new Error(`${expired} of ${expiring} links are answered as expired`);
const begun = now();
const leftAtFirst = await leftOf(installation, moment);
let left = leftAtFirst;
for (let at = 0; at < windowsDuring && left > 0; ++at) {
  windows.during.push(await oneWindow(site));
  const { get, create } = windows.during.at(-1);
  left = await leftOf(installation, moment);
  note(`${(now() - moment).toFixed(0)} s after the moment: p99 of GET ${get} us, of create ${create} us, ${left} left`);
}
const beside = (leftAtFirst - left) / (now() - begun);
if (left === 0) note('EXPIRING is too small: in some windows there was nothing to store any more');

const leftToOne = left;
const ended = now();
while (left > 0 && now() < ended + secondsAlone) {
  await pause(500);
  left = await leftOf(installation, moment);
}
const alone = leftToOne > 0 ? (leftToOne - left) / (now() - ended) : 0;

console.log(`${engine}: ${expiring} links expired at one moment; stored as such: ${beside.toFixed(0)} a second beside`
  + ` requests, ${alone.toFixed(0)} with nobody else there (windows of ${windowSeconds} s; medians of them)`);
let failed = beside < slowest;
if (failed) console.log(`  MISSED: fewer than ${slowest} a second are stored beside requests`);
const milliseconds = (us) => `${(us / 1000).toFixed(2)} ms`;
for (const [name, member, bar] of [['GET by id', 'get', 1.5], ['create', 'create', 1.5], ['list, slowest', 'list']]) {
  const [before, during] = [windows.before, windows.during].map((all) => median(all.map((each) => each[member])));
  const moved = during / before;
  failed ||= moved > bar * 1.25;
  const verdict = bar ? `${moved <= bar ? 'met' : 'MISSED'} (bar ${bar}x)` : '';
  console.log(`  p99 of ${name.padEnd(13)}  before ${milliseconds(before)}, during ${milliseconds(during)}: `
    + `${moved.toFixed(2)}x  ${verdict}`);
}
await closeSite(site);
process.exit(failed ? 1 : 0);
