// A sandbox of its own, and one request to it with nothing hidden: the exact bytes that were answered.

import { execFile } from 'node:child_process';
import http from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';

import { SandboxProcess, binary } from '../support/sandbox_process.mjs';

const answerDeadline = 20_000;  // ms

export class Server extends SandboxProcess {
  agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

  get apiKey() {
    const { login, secret_key: secret } = this.ready.api_key;
    return `${login}:${secret}`;
  }

  // The Authorization field of a new key that may do one thing.
  async makeKey(scope) {
    const words = ['keys', 'create', '--data-dir', path.join(this.folder, 'data'), '--name', scope, '--scope', scope];
    const { stdout } = await promisify(execFile)(binary, words, { timeout: answerDeadline });
    const { login, secret_key: secret } = JSON.parse(stdout);
    return `${login}:${secret}`;
  }

  async stop() {
    this.agent.destroy();
    await super.stop();
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
