// A sandbox of its own, and one request to it with nothing hidden: the exact bytes that were answered.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const binary = process.env.PAYLINK_BIN ?? path.join(root, 'build/release/paylink');
const answerDeadline = 20_000;  // ms

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

async function readyFile(file, child) {
  for (let waited = 0; waited < 30_000; waited += 50) {
    if (child.exitCode !== null) throw new Error(`paylink sandbox ended with ${child.exitCode}`);
    const text = await fs.readFile(file, 'utf8').catch(() => '');
    if (text) return JSON.parse(text);
    await sleep(50);
  }
  throw new Error('paylink sandbox was not ready within 30 s');
}

export class Server {
  static async start() {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'paylink-stateful-'));
    const ready = path.join(folder, 'ready.json');
    const log = await fs.open(path.join(folder, 'log'), 'w');
    const child = spawn(
      binary,
      ['sandbox', '--listen', '127.0.0.1:0', '--ready-file', ready, '--data-dir', path.join(folder, 'data')],
      { stdio: ['ignore', log.fd, log.fd] },
    );
    running.add(child);
    child.on('error', (error) => console.error(`${binary} cannot be started: ${error.message}`));
    child.on('exit', () => running.delete(child));
    const server = Object.assign(new Server(), { folder, child, log });
    try {
      server.ready = await readyFile(ready, child);
    } catch (error) {
      await server.stop();
      throw error;
    }
    server.agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    server.apiKey = `${server.ready.api_key.login}:${server.ready.api_key.secret_key}`;
    return server;
  }

  // The Authorization field of a new key that may do one thing.
  async makeKey(scope) {
    const words = ['keys', 'create', '--data-dir', path.join(this.folder, 'data'), '--name', scope, '--scope', scope];
    const { stdout } = await promisify(execFile)(binary, words, { timeout: answerDeadline });
    const { login, secret_key: secret } = JSON.parse(stdout);
    return `${login}:${secret}`;
  }

  async stop() {
    this.agent?.destroy();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await Promise.race([ended, sleep(10_000, undefined, { ref: false })]);
      if (this.child.exitCode === null) this.child.kill('SIGKILL');
    }
    await this.log.close();
    await fs.rm(this.folder, { recursive: true, force: true });
  }

  // The answer as {status, headers, text, json}; json is absent where the body is none.
  send(method, target, headers, body) {
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(this.ready.base_url);
      const all = { ...headers };
      if (body !== undefined) all['content-length'] = Buffer.byteLength(body);
      const request = http.request({ hostname, port, method, path: target, headers: all, agent: this.agent });
      request.setTimeout(answerDeadline, () => request.destroy(new Error(`no answer to ${method} ${target}`)));
      request.on('error', reject);
      request.on('response', (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const isJson = response.headers['content-type']?.startsWith('application/json');
          try {
            const json = isJson ? JSON.parse(text) : undefined;
            resolve({ status: response.statusCode, headers: response.headers, text, json });
          } catch {
            reject(new Error(`${method} ${target}: the body is no JSON: ${text.slice(0, 200)}`));
          }
        });
      });
      request.end(body);
    });
  }
}
