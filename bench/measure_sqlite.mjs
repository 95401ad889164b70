// Measures Paylink on SQLite in interleaved rounds and prints a table. README.md says what each figure means.
//
// Environment: N rounds (5), SECONDS per measurement (3), PAYLINK_BIN (build/release/paylink).
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { bodyFile, finish, get, links, makeLinks, note, pathsFile, rounds, seconds, timing } from './common.mjs';
import {
  appendRate, freshDirectory, load, pause, startFastify, startFastifyBatching, startNginx, startPaylink, work,
} from './servers.mjs';
import { measureTokenCheck } from './token_check.mjs';
import { limitRow, median, printTable, ratioRow } from './table.mjs';

const body = readFileSync(bodyFile);

// A server with an empty database, so that none suffers from what it wrote before.
async function createsOf(start, name) {
  const server = await start(freshDirectory(name));
  const figures = await load(server, ['--body', bodyFile, ...timing]);
  await server.stop();
  return figures;
}

async function measureCreates() {
  const figures = { paylink: [], fastify: [], batching: [], append: [], residentKib: [], p99: [], fastifyP99: [] };
  for (let round = 1; round <= rounds; ++round) {
    figures.append.push(await appendRate(2));
    const peer = await createsOf(startFastify, 'fastify');
    const batching = await createsOf(startFastifyBatching, 'batching');
    const ours = await createsOf(startPaylink, 'paylink');
    figures.fastify.push(peer.per_second);
    figures.batching.push(batching.per_second);
    figures.paylink.push(ours.per_second);
    figures.residentKib.push(ours.resident_max_kib);
    figures.p99.push(ours.p99_us / 1000);
    figures.fastifyP99.push(peer.p99_us / 1000);
    note(`creates ${round}/${rounds}: paylink ${ours.per_second}/s, fastify ${peer.per_second}/s, `
      + `batching ${batching.per_second}/s, append ${figures.append.at(-1)}/s`);
  }
  return figures;
}

async function measureReads() {
  const paylink = await startPaylink(freshDirectory('paylink'));
  const paths = await makeLinks(paylink);
  const ourPaths = pathsFile('paths', paths);
  const nginx = await startNginx(await get(paylink, paths[0]));
  const nginxPaths = pathsFile('nginx-paths', ['/link.json']);

  const figures = {
    paylink: [], nginx: [], perSecond: [], nginxPerSecond: [], residentKib: [], p99: [], bytes: 0, nginxBytes: 0,
  };
  for (let round = 1; round <= rounds; ++round) {
    const peer = await load(nginx, ['--paths', nginxPaths, ...timing]);
    const ours = await load(paylink, ['--paths', ourPaths, ...timing]);
    if (peer.body_bytes !== ours.body_bytes) throw new Error('the bodies differ in size');
    if (peer.cpu_seconds === 0 || ours.cpu_seconds === 0) throw new Error('a server without CPU time was not watched');
    figures.nginx.push(peer.per_cpu_second);
    figures.paylink.push(ours.per_cpu_second);
    figures.perSecond.push(ours.per_second);
    figures.nginxPerSecond.push(peer.per_second);
    figures.residentKib.push(ours.resident_max_kib);
    figures.p99.push(ours.p99_us / 1000);
    figures.bytes = ours.answer_bytes;
    figures.nginxBytes = peer.answer_bytes;
    note(`reads ${round}/${rounds}: paylink ${ours.per_cpu_second} per CPU second, nginx ${peer.per_cpu_second}`);
  }
  await nginx.stop();
  figures.tokens = await measureTokenCheck(paylink, ourPaths);
  await paylink.stop();
  return figures;
}

// Milliseconds from exec to the end of the first 201.
async function coldStart(directory) {
  const begin = performance.now();
  const server = await startPaylink(directory);
  const socket = connect(server.port, '127.0.0.1');
  socket.write(`POST /v2/payment_links HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n`
    + `Authorization: ${server.authorization}\r\nContent-Type: application/json\r\n`
    + `Content-Length: ${body.length}\r\n\r\n`);
  socket.write(body);
  const [answer] = await once(socket, 'data');
  const taken = performance.now() - begin;
  socket.destroy();
  await server.stop();
  if (!String(answer).startsWith('HTTP/1.1 201')) throw new Error(`the first create was refused:\n${answer}`);
  return taken;
}

async function measureColdStarts() {
  const figures = { fresh: [], existing: [] };
  for (let round = 1; round <= Math.max(rounds, 5); ++round) {
    figures.fresh.push(await coldStart(freshDirectory('cold')));
    figures.existing.push(await coldStart(join(work, 'paylink')));
    await pause(50);
  }
  return figures;
}

const creates = await measureCreates();
const reads = await measureReads();
const starts = await measureColdStarts();
const mebibytes = [...creates.residentKib, ...reads.residentKib].map((kib) => kib / 1024);

const create = 'durable create, 64 connections, per s';
const rows = [
  ratioRow(create, creates.paylink, 'Fastify + better-sqlite3', creates.fastify, 8, 12),
  ratioRow(create, creates.paylink, 'the same with batches', creates.batching, 2, 3),
  ratioRow(create, creates.paylink, 'append 1 KiB + fdatasync', creates.append, 2.5, 3.5),
  ratioRow('GET by id, per CPU second of the server', reads.paylink, 'nginx, static file', reads.nginx, 1.2, 1.5),
  limitRow('check of an access token, microseconds of CPU', reads.tokens.check, 3),
  limitRow('resident memory under load, highest, MiB', [Math.max(...mebibytes)], 64),
  limitRow('cold start to first 201, new data, ms', starts.fresh, 300),
  limitRow(`cold start to first 201, ${links} links, ms`, starts.existing, 300),
];
console.log('on SQLite\n');
printTable(rows);
const round0 = (values) => Math.round(median(values));
console.log(`\ncreate p99: ${median(creates.p99).toFixed(1)} ms (Fastify ${median(creates.fastifyP99).toFixed(1)}); `
  + `GET: ${round0(reads.perSecond)}/s, p99 ${median(reads.p99).toFixed(1)} ms `
  + `(nginx ${round0(reads.nginxPerSecond)}/s); `
  + `an answer to GET is ${reads.bytes} bytes (nginx ${reads.nginxBytes})`);
const cost = (kind) => `${median(reads.tokens[kind]).toFixed(1)} us`;
console.log(`a request costs, of CPU: /livez ${cost('livez')}, GET by id ${cost('key')} with an API key and `
  + `${cost('token')} with an access token`);
writeFileSync(join(work, 'result-sqlite.json'), JSON.stringify({ rounds, seconds, creates, reads, starts }, null, 1));
finish('SQLite', rows);
