// What requests take while very many links expire at one moment, and how long it takes until that is stored.
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
const windowsBefore = 4;
const patience = 20 * 60; // seconds; nobody waits longer
const run = promisify(execFile);
const now = () => Date.now() / 1000;

const due = (moment) => `SELECT EXISTS (SELECT 1 FROM payment_links WHERE status = 'open'`
  + ` AND expires_effective_at <= ${moment * 1_000_000})`;

// What is stored; answers of the server are right before it is.
async function isStored(installation, moment) {
  if (isPostgres) return (await (await import('./postgres.mjs')).single(installation.database, due(moment))) === 'f';
  const program = 'import sqlite3, sys\n'
    + 'print(sqlite3.connect(sys.argv[1], uri=True).execute(sys.argv[2]).fetchone()[0])';
  const file = `file:${join(installation.data, 'paylink.db')}?mode=ro`;
  const { stdout } = await run('python3', ['-c', program, file, due(moment)]);
  return stdout.trim() === '0';
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
do {
  if (now() > moment + patience) throw new Error(`not stored after ${patience} s`);
  windows.during.push(await oneWindow(site));
  const { get, create } = windows.during.at(-1);
  note(`${(now() - moment).toFixed(0)} s after the moment: p99 of GET ${get} us, of create ${create} us`);
} while (!(await isStored(installation, moment)));
const taken = now() - moment;

console.log(`${engine}: ${expiring} links expired at one moment, stored within ${taken.toFixed(0)} s`
  + ` (windows of ${windowSeconds} s; medians of them)`);
let failed = false;
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
