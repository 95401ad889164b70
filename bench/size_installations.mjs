// Installations of so many links: laid out by Paylink's own migrations, one link made over the API, and the others like
// it written in bulk by `fill` while no server runs.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bodyFile, note } from './common.mjs';
import { startPaylink, work } from './servers.mjs';

const run = promisify(execFile);
const place = join(work, 'size');
const body = readFileSync(bodyFile);
export const isPostgres = Boolean(process.env.PAYLINK_POSTGRES);
export const engine = isPostgres ? 'PostgreSQL' : 'SQLite';
const postgres = isPostgres ? await import('./postgres.mjs') : null;

// The answer and how long it took, in milliseconds.
export function ask(server, path, content = null) {
  const begun = performance.now();
  const headers = { authorization: server.authorization, 'content-type': 'application/json' };
  return new Promise((settle, fail) => {
    const method = content ? 'POST' : 'GET';
    const call = request({ port: server.port, host: '127.0.0.1', path, method, headers }, async (answer) => {
      const chunks = [];
      for await (const chunk of answer) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      if (answer.statusCode > 299) return fail(new Error(`${path}: ${answer.statusCode} ${text.slice(0, 300)}`));
      return settle({ text, milliseconds: performance.now() - begun });
    });
    call.on('error', fail);
    call.end(content ?? undefined);
  });
}

export const askJson = async (server, path) => JSON.parse((await ask(server, path)).text);

export const start = (installation) => startPaylink(installation.data, installation.database);

// So that a file made for another layout is not taken for one of this.
const layout = () => {
  const migrations = readdirSync(join(work, '../../src/store/migrations')).sort();
  return migrations.at(-1);
};

async function fill(installation, links, options) {
  const where = isPostgres ? ['--postgres', await postgres.asSuperuser(installation.database)]
    : ['--sqlite', join(installation.data, 'paylink.db')];
  const child = spawn(join(work, 'fill'),
    [...where, '--links', links, '--samples', installation.samples, ...options].map(String),
    { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, SQLITE_TMPDIR: place } });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error('the links were not written');
}

// `name` is of a directory, and of a database. `fresh` ones are never taken from an earlier run.
export async function install(name, links, { options = [], isFresh = false } = {}) {
  const directory = join(place, `${isPostgres ? 'postgres' : 'sqlite'}-${name}`);
  const installation = {
    name, directory, links, data: join(directory, 'data'), samples: join(directory, 'samples'), database: null,
    isNew: false,
  };
  const made = join(directory, 'made.json');
  const wanted = JSON.stringify({ layout: layout(), links, options });
  if (!isPostgres && !isFresh && existsSync(made) && readFileSync(made, 'utf8') === wanted
    && Date.now() - statSync(made).mtimeMs < 30 * 24 * 3600 * 1000) return installation;

  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  if (isPostgres) installation.database = await postgres.freshDatabase(`size_${name.replaceAll('-', '_')}`);
  const server = await start(installation);
  await ask(server, '/v2/payment_links', body);
  await server.stop();
  const begun = performance.now();
  await fill(installation, links, options);
  note(`${name}: ${links} links written in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  writeFileSync(made, wanted);
  return { ...installation, isNew: true };
}

// Of one that no server has open.
export async function copyOf(installation, name) {
  const directory = `${installation.directory}-${name}`;
  rmSync(directory, { recursive: true, force: true });
  const isFile = (source) => !source.endsWith('.sock');
  cpSync(installation.directory, directory, { recursive: true, filter: isFile });
  const copy = { ...installation, directory, data: join(directory, 'data') };
  if (isPostgres) copy.database = await postgres.copyDatabase(installation.database, name);
  return copy;
}

export async function remove(installation) {
  rmSync(installation.directory, { recursive: true, force: true });
  if (isPostgres) await postgres.dropDatabase(installation.database);
}

const filesOf = (installation) =>
  (isPostgres ? postgres.filesOf(installation.database) : [join(installation.data, 'paylink.db')]);

// Reads what is not in memory, so that the disk has no part in what is measured: some machines take even from files
// that are in use what others could need.
export async function keepInMemory(installation) {
  const files = await filesOf(installation);
  const { stdout } = await run('fincore', ['-b', '-n', '-o', 'RES,SIZE', ...files]);
  let [resident, size] = [0, 0];
  for (const line of stdout.trim().split('\n')) {
    const [held, all] = line.trim().split(/\s+/).map(Number);
    [resident, size] = [resident + held, size + all];
  }
  if (resident < size * 0.998) await run('sh', ['-c', 'cat "$@" >/dev/null', 'sh', ...files]);
}

export async function megabytes(installation) {
  if (isPostgres) return { database: await postgres.databaseSize(installation.database) / 1e6 };
  const size = (file) => (existsSync(file) ? statSync(file).size / 1e6 : 0);
  const file = join(installation.data, 'paylink.db');
  return { database: size(file), log: size(`${file}-wal`) };
}

export function samplesOf(installation) {
  const lines = readFileSync(installation.samples, 'utf8').trim().split('\n');
  return lines.map((line) => line.split(' '));
}

// From here on as in production, and before whatever else this machine does, where that is allowed.
export async function endLoading() {
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
  } catch (error) {
    note(`others on this machine come as often as this: ${error.message}`);
  }
  if (isPostgres) await postgres.writeAheadLog();
}
