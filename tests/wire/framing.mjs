// N (2,000) requests of which two readers may think differently, through Debian's nginx and haproxy, strict and
// lenient: the front and Paylink must agree where each request ends. SEED= repeats a run. Last line:
// `pairs N, violations N`.
//
// Each attack hides a request in what may be its body, and is followed by an innocent one; meanwhile a victim asks on a
// connection of his own, over the same few connections between front and server. By the trace id of an answer and the
// server's log we know which request it answers. Violations: an answer to somebody else's request, answers out of
// order, and a request that the server served and the front never handed on. What a front answers itself, as when the
// server has just closed the connection it took, says nothing: more than one in ten of those, and nothing is proven.

import { once } from 'node:events';
import fs from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import fc from 'fast-check';

import { ask, freePorts } from '../support/ask.mjs';
import { times } from '../support/patience.mjs';
import { SandboxProcess } from '../support/sandbox_process.mjs';
import { attack, bytesOf } from './attacks.mjs';
import { forwarded, names, startFronts } from './fronts.mjs';
import { LaxServer } from './lax_server.mjs';

const count = times(2_000);
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const lanes = 24;            // of attacks at one time
const quiet = 80;            // ms without a byte: no more answers come
const longest = 2_000;       // ms for one attack
const controls = 300;
const perServer = 20_000;

const traces = (text) => [...text.matchAll(/^x-trace-id: (\w{32})\r$/gim)].map(([, trace]) => trace);

// All that comes back on a connection of its own.
async function send(port, bytes) {
  const socket = net.connect(port, '127.0.0.1');
  const chunks = [];
  let last = Date.now(), isOver = false;
  socket.on('data', (chunk) => { chunks.push(chunk); last = Date.now(); });
  socket.on('error', () => { isOver = true; });
  socket.on('close', () => { isOver = true; });
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => {});
  if (!isOver) socket.write(bytes);
  const begun = Date.now();
  last = begun;
  while (!isOver && Date.now() - last < quiet && Date.now() - begun < longest) await sleep(10);
  socket.destroy();
  return Buffer.concat(chunks).toString('latin1');
}

// A front may close a connection that has been idle at the moment at which it is used again.
async function askAsVictim(port, target, agent) {
  return await ask(port, 'GET', target, { agent }).catch(() => null)
    ?? await ask(port, 'GET', target).catch((error) => ({ broken: error.message }));
}

// What came back for each attack and to each victim, as trace ids.
async function attackAll(fronts, drawn) {
  const heard = [];
  let at = 0;
  const lane = async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    while (at < drawn.length) {
      const n = at;
      at += 1;
      const front = names[n % names.length];
      const of = (kind) => `/wire/${n}/${kind}`;
      const follow = Buffer.from(`GET ${of('next')} HTTP/1.1\r\nHost: a\r\n\r\n`);
      const [text, victim] = await Promise.all([
        send(fronts[front], Buffer.concat([bytesOf(drawn[n], of), follow])),
        askAsVictim(fronts[front], of('victim'), agent)]);
      heard[n] = { front, answers: traces(text), victim: victim.headers?.['x-trace-id'], status: victim.status,
        broken: victim.broken };
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return heard;
}

function targetOf(text) {
  const [, n, kind] = /\/wire\/(\d+)\/(\w+)/.exec(text) ?? [];
  return n === undefined ? null : { n: Number(n), kind };
}

const tally = (list) => list.reduce((counts, key) => counts.set(key, (counts.get(key) ?? 0) + 1), new Map());

// Sentences; none when front and server agreed on everything.
function judge(heard, log, handedOn) {
  const found = [];
  const served = new Map();  // by trace id
  for (const line of log) {
    if (!line.includes('"request"')) continue;
    const { trace_id: trace, path: target } = JSON.parse(line);
    served.set(trace, targetOf(target ?? ''));
  }
  const order = ['first', 'hidden', 'next'];
  const unknown = [];
  for (const [n, { front, answers, victim, broken, status }] of heard.entries()) {
    const asked = served.get(victim);
    if (asked && (asked.n !== n || asked.kind !== 'victim'))
      found.push(`${front}: victim ${n} was answered for ${asked.kind} of ${asked.n}`);
    if (broken) found.push(`${front}: victim ${n}: ${broken}`);
    else if (!victim) unknown.push(`${front} ${status}`);
    else if (!served.has(victim)) unknown.push(`${front}, not in the log`);
    else if (!asked) found.push(`${front}: victim ${n} was answered for something else`);
    const told = answers.map((trace) => served.get(trace)).filter(Boolean);
    for (const [i, one] of told.entries()) {
      if (one.n !== n) found.push(`${front}: attack ${n} heard an answer to ${one.kind} of ${one.n}`);
      if (i > 0 && order.indexOf(told[i - 1].kind) >= order.indexOf(one.kind))
        found.push(`${front}: attack ${n} heard ${told.map(({ kind }) => kind).join(', ')}`);
    }
  }
  if (unknown.length > 0) console.log(`not known: ${[...tally(unknown)].map((one) => one.join(': ')).join(', ')}`);
  if (unknown.length > heard.length / 10)
    found.push(`nothing is known of ${unknown.length} of ${heard.length} victims`);
  const key = (target) => target && `${target.n}/${target.kind}`;
  const sent = tally(Object.values(handedOn).flat().map((request) => key(targetOf(request))).filter(Boolean));
  for (const [target, times] of tally([...served.values()].map(key).filter(Boolean)))
    if (times > (sent.get(target) ?? 0))
      found.push(`the server served ${target} ${times} times, handed on ${sent.get(target) ?? 0} times`);
  return found;
}

async function campaign(server, port, drawn) {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'paylink-wire-'));
  const fronts = await startFronts(folder, await freePorts(names.length), port);
  const heard = await attackAll(fronts.ports, drawn);
  await fronts.stop();
  const log = await server.end();
  const found = judge(heard, log, await forwarded(folder));
  await fs.rm(folder, { recursive: true });
  return { found, heard };
}

async function control() {
  const server = await LaxServer.start();
  const drawn = fc.sample(attack, { numRuns: controls, seed });
  const { found } = await campaign(server, server.port, drawn);
  if (found.length === 0) throw new Error('A server that does not know Transfer-Encoding was not caught.');
  console.log(`control: caught, ${found.length} violations in ${controls} pairs, such as: ${found[0]}`);
}

// One server's share: its log is read as a whole.
async function batch(numRuns, of) {
  const sandbox = await SandboxProcess.start();
  const server = { end: async () => {
    await sandbox.end();
    return (await fs.readFile(path.join(sandbox.folder, 'log'), 'utf8')).split('\n');
  } };
  const port = Number(new URL(sandbox.ready.base_url).port);
  const { found, heard } = await campaign(server, port, fc.sample(attack, { numRuns, seed: of }));
  await sandbox.stop();
  for (const sentence of found.slice(0, 20)) console.log(`seed ${of}: ${sentence}`);
  return { violations: found.length, reached: heard.filter(({ answers }) => answers.length > 0).length };
}

async function main() {
  console.log(`framing: seed ${seed}`);
  await control();
  let violations = 0, reached = 0;
  for (let done = 0; done < count; done += perServer) {
    const one = await batch(Math.min(perServer, count - done), seed + done / perServer);
    violations += one.violations;
    reached += one.reached;
    if (count > perServer) console.log(`${done + perServer} of ${count}, ${violations} violations`);
  }
  if (reached < count / 10) throw new Error(`Only ${reached} attacks reached the server.`);
  console.log(`${reached} attacks reached the server, by ${names.length} fronts`);
  console.log(`pairs ${count}, violations ${violations}`);
  process.exit(violations ? 1 : 0);
}

await main();
