// Whole journeys: a link is made, its page opened, the form sent, the payment approved at the simulated provider, and
// the payer comes back to a page that says paid, while the provider's notice arrives besides. How many there are per
// second, what one costs the program (the provider in it included), and on which of its threads.
//
//   journeys.mjs sqlite|postgres
//
// Environment: SECONDS of the measurement (3), PAYLINK_BIN; on PostgreSQL inside `tools/postgres run`.
import { readFileSync, readdirSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { bodyFile, note, seconds, warmup } from './common.mjs';
import { freshDirectory, startPaylink } from './servers.mjs';

const payers = 32;
const agent = new Agent({ keepAlive: true, maxSockets: payers });
const body = readFileSync(bodyFile);
const ticksPerSecond = 100;

function send(url, { method = 'GET', headers = {}, content = '' } = {}) {
  return new Promise((settle, fail) => {
    const fields = { 'content-length': content.length, ...headers };
    const call = request(url, { method, agent, headers: fields }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk) => { text += chunk; });
      answer.on('end', () => settle({ status: answer.statusCode, location: answer.headers.location, text }));
    });
    call.on('error', fail);
    call.end(content);
  });
}

function expect(answer, status, what) {
  if (answer.status !== status) throw new Error(`${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
  return answer;
}

const form = (values) => ({
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  content: new URLSearchParams(values).toString(),
});
const unescaped = (text) => text.replaceAll('&amp;', '&').replaceAll('&#x2F;', '/');

async function journey(server) {
  const origin = server.ready.base_url;
  const created = expect(await send(`${origin}/v2/payment_links`, { method: 'POST', content: body,
    headers: { authorization: server.authorization, 'content-type': 'application/json' } }), 201, 'create');
  const { url } = JSON.parse(created.text).payment_link;
  const page = expect(await send(url), 200, 'page').text;
  const token = /name="token" value="([^"]+)"/.exec(page)[1];
  const begun = expect(await send(url, form({ token: unescaped(token), email: 'payer@example.com',
    method: 'ideal' })), 303, 'form');
  const way = expect(await send(`${origin}${begun.location}`), 200, 'way');
  const checkout = unescaped(/class="button" href="([^"]+)"/.exec(way.text)[1]);
  expect(await send(checkout, form({ outcome: 'paid' })), 303, 'provider');
  const back = expect(await send(`${origin}${begun.location.replace(/\/go$/, '')}`), 200, 'return');
  if (!back.text.includes('<title>Payment received</title>')) {
    throw new Error(`the page does not say paid: ${back.text.slice(0, 200)}`);
  }
}

// CPU seconds of each thread so far, by name.
function cpuByThread(pid) {
  const used = {};
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    used[name] = (used[name] ?? 0) + (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }
  return used;
}

async function measure(server) {
  let running = true, done = 0;
  const walk = async () => { while (running) { await journey(server); ++done; } };
  const walkers = Array.from({ length: payers }, walk);
  const pause = (time) => new Promise((settle) => { setTimeout(settle, time * 1000); });
  await Promise.race([pause(warmup), ...walkers]);
  const before = cpuByThread(server.child.pid), doneBefore = done, begin = performance.now();
  await Promise.race([pause(seconds), ...walkers]);
  const took = (performance.now() - begin) / 1000, count = done - doneBefore, after = cpuByThread(server.child.pid);
  running = false;
  await Promise.all(walkers);
  const threads = Object.keys(after).map((name) => [name, (1e6 * (after[name] - (before[name] ?? 0))) / count]);
  return { perSecond: count / took, threads: threads.filter(([, cost]) => cost >= 1).sort((a, b) => b[1] - a[1]) };
}

const engine = process.argv[2];
const url = engine === 'postgres' ? await (await import('./postgres.mjs')).freshDatabase('bench_journeys') : null;
const server = await startPaylink(freshDirectory('journeys'), url);
note(`${payers} payers for ${seconds} s`);
const { perSecond, threads } = await measure(server).finally(() => server.stop());
const all = threads.reduce((sum, [, cost]) => sum + cost, 0);
console.log(`\na journey on ${engine} costs the program, of CPU:`);
for (const [name, cost] of threads) console.log(`  ${name.padEnd(16)} ${cost.toFixed(0).padStart(6)} us`);
console.log(`journeys ${perSecond.toFixed(0)} per second, ${all.toFixed(0)} us of CPU each, ${payers} payers`);
process.exit(0);
