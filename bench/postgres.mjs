// The cluster that `tools/postgres run` made for this run: its databases, its processes, and pgbench on it.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bodyFile } from './common.mjs';
import { startFastifyPg } from './servers.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const run = promisify(execFile);
if (!process.env.PAYLINK_POSTGRES || !process.env.PAYLINK_POSTGRES_DIR) {
  throw new Error('there is no cluster: run this by tools/postgres run, as bench/run does');
}

const psql = (...args) => run(join(root, 'tools/postgres'), ['psql', '-q', ...args]);

// An empty database of the role that the URL names, in a cluster with nothing left to write: what was measured before
// must not be paid for now.
export async function freshDatabase(name) {
  const url = new URL(process.env.PAYLINK_POSTGRES);
  await psql('-c', 'SET client_min_messages = warning', '-c', `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`,
    '-c', `CREATE DATABASE ${name} OWNER ${url.username}`, '-c', 'CHECKPOINT');
  url.pathname = `/${name}`;
  return url.href;
}

// Does now what autovacuum would do in the middle of a measurement.
export const tidyDatabase = (url) =>
  psql('-d', new URL(url).pathname.slice(1), '-c', 'VACUUM (ANALYZE)', '-c', 'CHECKPOINT');

// Flags that make the load generator watch the whole cluster; none where its process is not known.
export function watchCluster() {
  try {
    const [pid] = readFileSync(join(process.env.PAYLINK_POSTGRES_DIR, 'data/postmaster.pid'), 'utf8').split('\n');
    return existsSync(`/proc/${pid}/task/${pid}/children`) ? ['--watch-family', pid] : [];
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EACCES') throw error;
    return [];
  }
}

function pgbenchBinary() {
  const versions = '/usr/lib/postgresql';
  const found = existsSync(versions) ? readdirSync(versions).map((name) => join(versions, name, 'bin/pgbench')) : [];
  return found.filter(existsSync).sort().at(-1) ?? 'pgbench';
}

// Links that pgbench inserts per second. The peer lays the database out, and is gone before anything is measured.
export async function pgbenchRate(databaseUrl, warmup, seconds) {
  const peer = await startFastifyPg(databaseUrl);
  await peer.stop();
  const items = JSON.stringify(JSON.parse(readFileSync(bodyFile, 'utf8')).payment_link.items);
  const insert = async (length, n) => {
    const { stdout } = await run(pgbenchBinary(), ['-n', '-M', 'prepared', '-c', '16', '-j', '2',
      '-T', String(Math.max(1, Math.round(length))), '-D', `organization=${peer.ready.organization}`,
      '-D', `items=${items}`, '-D', `n=${n}`, '-f', join(root, 'bench/peers/insert_link.pgbench'), databaseUrl]);
    const rate = /^tps = ([\d.]+) \(without initial connection time\)$/m.exec(stdout);
    if (!rate || !/^number of failed transactions: 0 /m.test(stdout)) throw new Error(`pgbench failed:\n${stdout}`);
    return Number(rate[1]);
  };
  await insert(warmup, 0);
  return insert(seconds, 1_000_000_000);
}

export function asSuperuser(url) {
  const { port, pathname } = new URL(url);
  return `postgresql://postgres@127.0.0.1:${port}${pathname}`;
}

// Of one that nobody is connected to.
export async function copyDatabase(url, name) {
  const copy = new URL(url);
  copy.pathname = `${copy.pathname}_${name}`;
  const [made, model] = [copy, new URL(url)].map(({ pathname }) => pathname.slice(1));
  await psql('-c', `CREATE DATABASE ${made} TEMPLATE ${model} OWNER ${copy.username}`);
  return copy.href;
}

export async function dropDatabase(url) {
  await psql('-c', `DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`);
}

export const single = async (url, question) => {
  const { stdout } = await psql('-d', new URL(url).pathname.slice(1), '-tA', '-c', question);
  return stdout.trim();
};

export const databaseSize = async (url) => Number(await single(url, 'SELECT pg_database_size(current_database())'));

export async function filesOf(url) {
  const id = await single(url, 'SELECT oid FROM pg_database WHERE datname = current_database()');
  const directory = join(process.env.PAYLINK_POSTGRES_DIR, 'data/base', id);
  return readdirSync(directory).map((name) => join(directory, name));
}

// A cluster that was made with a minimal log, to be filled, gets the usual one.
export async function writeAheadLog() {
  await psql('-c', "ALTER SYSTEM SET wal_level = 'replica'", '-c', 'ALTER SYSTEM SET max_wal_senders = 10');
  await run(join(root, 'tools/postgres'), ['stop']);
  await run(join(root, 'tools/postgres'), ['start']);
}
