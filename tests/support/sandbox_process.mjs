// `paylink sandbox` in a folder of its own, which goes with it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const binary = process.env.PAYLINK_BIN ?? path.join(root, 'build/release/paylink');

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

// A child that does not outlive this process.
export function startChild(program, words, options) {
  const child = spawn(program, words, options);
  running.add(child);
  child.on('error', (error) => console.error(`${program} cannot be started: ${error.message}`));
  child.on('exit', () => running.delete(child));
  return child;
}

export function isRunning(child) {
  return child.exitCode === null && child.signalCode === null;
}

// Its exit code; null when it does not end by itself, or was killed.
export async function endChild(child, signal = 'SIGTERM') {
  if (!isRunning(child)) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill(signal);
  await Promise.race([ended, sleep(20_000, undefined, { ref: false })]);
  if (isRunning(child)) child.kill('SIGKILL');
  return child.exitCode;
}

async function readyFile(file, child) {
  for (let waited = 0; waited < 30_000; waited += 20) {
    if (!isRunning(child)) throw new Error(`paylink sandbox ended with ${child.exitCode}`);
    const text = await fs.readFile(file, 'utf8').catch(() => '');
    if (text) return JSON.parse(text);
    await sleep(20);
  }
  throw new Error('paylink sandbox was not ready within 30 s');
}

// `ready` is what its ready file holds, `folder` has its data directory and its log.
export class SandboxProcess {
  static async start({ listen = '127.0.0.1:0', flags = [] } = {}) {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'paylink-test-'));
    const log = await fs.open(path.join(folder, 'log'), 'w');
    const sandbox = Object.assign(new this(), { folder, log, listen, flags });
    try {
      await sandbox.begin();
    } catch (error) {
      console.error(await fs.readFile(path.join(folder, 'log'), 'utf8'));
      await sandbox.stop();
      throw error;
    }
    return sandbox;
  }

  get dataDir() {
    return path.join(this.folder, 'data');
  }

  // Starts the process, again too, once it has ended.
  async begin() {
    const ready = path.join(this.folder, 'ready.json');
    await fs.rm(ready, { force: true });
    this.child = startChild(
      binary,
      ['sandbox', '--listen', this.listen, '--ready-file', ready, '--data-dir', this.dataDir, ...this.flags],
      { stdio: ['ignore', this.log.fd, this.log.fd] },
    );
    this.ready = await readyFile(ready, this.child);
  }

  // Its exit code.
  end(signal) {
    return endChild(this.child, signal);
  }

  async stop() {
    await this.end();
    await this.log.close();
    await fs.rm(this.folder, { recursive: true, force: true });
  }
}
