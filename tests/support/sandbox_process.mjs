// `paylink sandbox` in a folder of its own, which goes with it.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const binary = process.env.PAYLINK_BIN ?? path.join(root, 'build/release/paylink');

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

// `ready` is what its ready file holds, `folder` has its data directory and its log.
export class SandboxProcess {
  static async start() {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'paylink-test-'));
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
    const sandbox = Object.assign(new this(), { folder, child, log });
    try {
      sandbox.ready = await readyFile(ready, child);
    } catch (error) {
      await sandbox.stop();
      throw error;
    }
    return sandbox;
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await Promise.race([ended, sleep(10_000, undefined, { ref: false })]);
      if (this.child.exitCode === null) this.child.kill('SIGKILL');
    }
    await this.log.close();
    await fs.rm(this.folder, { recursive: true, force: true });
  }
}
