// Starts and stops what is measured, and runs the two C++ tools. Everything lives below build/bench, on the real disk.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
export const work = join(root, 'build/bench');
export const paylinkBinary = resolve(root, process.env.PAYLINK_BIN ?? 'build/release/paylink');
const run = promisify(execFile);

export function freshDirectory(name) {
  const directory = join(work, name);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  return directory;
}

// Who ends a measurement ends what it has started.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

// A child that prints one JSON line once it serves.
async function startPrinting(command, args, logName) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  process.on('exit', () => child.kill()); // nobody is left behind by a measurement that fails
  let errors = '';
  child.stderr.on('data', (data) => { errors = (errors + data).slice(-4000); });
  const line = await new Promise((settle, fail) => {
    let text = '';
    child.stdout.on('data', (data) => {
      text += data;
      if (text.includes('\n')) settle(text.slice(0, text.indexOf('\n')));
    });
    child.on('error', fail);
    child.on('exit', (code) => fail(new Error(`${logName} ended with ${code} before it served:\n${errors}`)));
  });
  return { child, ready: JSON.parse(line), stop: () => stop(child) };
}

async function stop(child) {
  child.removeAllListeners('exit');
  if (child.exitCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(timer);
}

// On SQLite, or in the PostgreSQL database of this URL.
export async function startPaylink(directory, databaseUrl = null) {
  const database = databaseUrl === null ? [] : ['--database', databaseUrl];
  const started = await startPrinting(paylinkBinary, ['sandbox', '--listen', '127.0.0.1:0', '--data-dir', directory,
    '--ready-file', `${directory}.ready.json`, '--log-level', 'warn', ...database], 'paylink sandbox');
  const { base_url: url, api_key: key } = started.ready;
  const authorization = `${key.login}:${key.secret_key}`;
  return { ...started, port: Number(new URL(url).port), authorization, pids: [started.child.pid] };
}

const migrations = join(root, 'src/store/migrations');

async function startPeer(program, where, name) {
  const started = await startPrinting(process.execPath, [join(work, 'peers', program), where, migrations], name);
  return { ...started, ...started.ready, pids: [started.child.pid] };
}

export const startFastify = (directory) => startPeer('server.js', directory, 'the Fastify peer');
export const startFastifyBatching = (directory) => startPeer('batching_server.js', directory, 'the batching peer');
export const startFastifyPg = (databaseUrl) => startPeer('postgres_server.js', databaseUrl, 'the Fastify and pg peer');

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function accepts(port) {
  const socket = connect(port, '127.0.0.1');
  const result = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)])
    .catch(() => false);
  socket.destroy();
  return result;
}

export const pause = (milliseconds) => new Promise((settle) => { setTimeout(settle, milliseconds); });

// Serves `/link.json`, as many bytes as `body` has.
export async function startNginx(body) {
  const directory = freshDirectory('nginx');
  const port = await freePort();
  mkdirSync(join(directory, 'files'));
  writeFileSync(join(directory, 'files/link.json'), body);
  const template = readFileSync(join(root, 'bench/peers/nginx.conf'), 'utf8');
  const user = process.getuid() === 0 ? 'user root;' : '';
  writeFileSync(join(directory, 'nginx.conf'),
    template.replaceAll('@USER@', user).replaceAll('@DIR@', directory).replaceAll('@PORT@', String(port)));
  const binary = existsSync('/usr/sbin/nginx') ? '/usr/sbin/nginx' : 'nginx';
  const child = spawn(binary, ['-p', directory, '-c', join(directory, 'nginx.conf')],
    { stdio: ['ignore', 'ignore', 'inherit'] });
  // The master listens before its worker exists, and the worker's CPU time is what is measured.
  const workers = () => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
  for (let tries = 0; !(await accepts(port)) || workers() === ''; ++tries) {
    if (tries === 200 || child.exitCode !== null) throw new Error('nginx does not serve');
    await pause(10);
  }
  return { child, port, authorization: 'none', pids: [child.pid, ...workers().split(' ')], stop: () => stop(child) };
}

// One run of the load generator against `server`; `options` are more of its flags.
export async function load(server, options) {
  const watched = server.pids.flatMap((pid) => ['--watch', String(pid)]);
  const { stdout } = await run(join(work, 'load'),
    ['--port', String(server.port), '--authorization', server.authorization, ...watched, ...options.map(String)]);
  return JSON.parse(stdout);
}

export async function appendRate(seconds) {
  const { stdout } = await run(join(work, 'append'), [join(work, 'append.dat'), String(seconds)]);
  return Number(stdout);
}
