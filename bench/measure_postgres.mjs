// Measures Paylink on PostgreSQL in interleaved rounds and prints a table. README.md says what each figure means. Runs
// beside the cluster that `tools/postgres run` makes.
//
// Environment: N rounds (5), SECONDS per measurement (3), PAYLINK_BIN (build/release/paylink).
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  bodyFile, finish, get, links, makeLinks, note, pathsFile, rounds, seconds, timing, warmup,
} from './common.mjs';
import { freshDatabase, pgbenchRate, tidyDatabase, watchCluster } from './postgres.mjs';
import { freshDirectory, load, startFastifyPg, startPaylink, work } from './servers.mjs';
import { median, printTable, ratioRow } from './table.mjs';

const cluster = watchCluster();

const newSide = () => ({ perSecond: [], p99: [], serverMicroseconds: [], clusterMicroseconds: [], residentKib: [] });
const newSides = () => ({ paylink: newSide(), fastify: newSide() });

// One measurement of a server, kept with the others of its side.
async function measure(side, server, options) {
  const result = await load(server, [...options, ...timing, ...cluster]);
  if (result.cpu_seconds === 0) throw new Error('a server without CPU time was not watched');
  side.perSecond.push(result.per_second);
  side.p99.push(result.p99_us / 1000);
  side.serverMicroseconds.push((result.cpu_seconds / result.requests) * 1e6);
  side.clusterMicroseconds.push((result.family_cpu_seconds / result.requests) * 1e6);
  side.residentKib.push(result.resident_max_kib);
  return result.per_second;
}

// Everybody starts with an empty database in every round.
async function measureCreates() {
  const figures = { ...newSides(), pgbench: [] };
  for (let round = 1; round <= rounds; ++round) {
    figures.pgbench.push(await pgbenchRate(await freshDatabase('bench_pgbench'), warmup, seconds));
    const fastify = await startFastifyPg(await freshDatabase('bench_fastify'));
    const peer = await measure(figures.fastify, fastify, ['--body', bodyFile]);
    await fastify.stop();
    const paylink = await startPaylink(freshDirectory('paylink-postgres'), await freshDatabase('bench_paylink'));
    const ours = await measure(figures.paylink, paylink, ['--body', bodyFile]);
    await paylink.stop();
    note(`creates on PostgreSQL ${round}/${rounds}: paylink ${ours}/s, fastify ${peer}/s, `
      + `pgbench ${Math.round(figures.pgbench.at(-1))}/s`);
  }
  return figures;
}

// Which members a JSON value has, whatever their values: of an array, those of its first element.
function shapeOf(value) {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (value === null || typeof value !== 'object') return '';
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, shapeOf(value[name])]));
}

async function mustAnswerAlike(fastify, paylink, what) {
  const [theirs, ours] = await Promise.all([get(fastify.server, fastify[what]), get(paylink.server, paylink[what])]);
  const [theirShape, ourShape] = [theirs, ours].map((body) => JSON.stringify(shapeOf(JSON.parse(body))));
  if (theirShape !== ourShape) throw new Error(`the ${what}s differ:\n  theirs ${theirShape}\n  ours ${ourShape}`);
}

const listPath = '/v2/payment_links?per_page=100';

// A server with its links, and the files that name what is read of it.
async function filled(name, server, databaseUrl) {
  const paths = await makeLinks(server);
  await tidyDatabase(databaseUrl);
  return {
    server, link: paths[0], list: listPath,
    linkPaths: pathsFile(`${name}-paths`, paths), listPaths: pathsFile(`${name}-list-paths`, [listPath]),
  };
}

async function measureReads() {
  const theirUrl = await freshDatabase('bench_fastify');
  const fastify = await filled('fastify', await startFastifyPg(theirUrl), theirUrl);
  const ourUrl = await freshDatabase('bench_paylink');
  const paylink = await filled('paylink', await startPaylink(freshDirectory('paylink-postgres'), ourUrl), ourUrl);
  await mustAnswerAlike(fastify, paylink, 'link');
  await mustAnswerAlike(fastify, paylink, 'list');

  const figures = { link: newSides(), list: newSides() };
  for (let round = 1; round <= rounds; ++round) {
    for (const what of ['link', 'list']) {
      const peer = await measure(figures[what].fastify, fastify.server, ['--paths', fastify[`${what}Paths`]]);
      const ours = await measure(figures[what].paylink, paylink.server, ['--paths', paylink[`${what}Paths`]]);
      note(`reads of a ${what} on PostgreSQL ${round}/${rounds}: paylink ${ours}/s, fastify ${peer}/s`);
    }
  }
  await fastify.server.stop();
  await paylink.server.stop();
  return figures;
}

const rounded = (values) => Math.round(median(values));

// p99 and CPU time of a request, ours and theirs.
function detail(name, { paylink, fastify }) {
  const cpu = (side) => `${rounded(side.serverMicroseconds)} + `
    + `${cluster.length > 0 ? rounded(side.clusterMicroseconds) : 'unknown'}`;
  return `${name}: p99 ${median(paylink.p99).toFixed(1)} ms (Fastify ${median(fastify.p99).toFixed(1)}), `
    + `CPU of the server + PostgreSQL ${cpu(paylink)} us a request (Fastify ${cpu(fastify)})`;
}

const creates = await measureCreates();
const reads = await measureReads();

const row = (figure, { paylink, fastify }, bar, goal) =>
  ratioRow(figure, paylink.perSecond, 'Fastify + pg', fastify.perSecond, bar, goal);
const create = 'durable create, 64 connections, per s';
const rows = [
  row(create, creates, 3, 5),
  ratioRow(create, creates.paylink.perSecond, 'pgbench, the insert alone', creates.pgbench, 0.8, 1.5),
  row('GET by id, 64 connections, per s', reads.link, 3, 5),
  row(`first page of ${links} links, 64 connections, per s`, reads.list),
];
console.log('on PostgreSQL\n');
printTable(rows);
const residentKib = [creates, reads.link, reads.list].flatMap((figures) => figures.paylink.residentKib);
console.log(`\n${detail('create', creates)}\n${detail('GET', reads.link)}\n${detail('list', reads.list)}\n`
  + `resident memory of Paylink, highest: ${(Math.max(...residentKib) / 1024).toFixed(1)} MiB`);
writeFileSync(join(work, 'result-postgres.json'), JSON.stringify({ rounds, seconds, creates, reads }, null, 1));
finish('PostgreSQL', rows);
