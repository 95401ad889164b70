// Nodes on one PostgreSQL: a sandbox with the simulator, which nobody but the test asks, and nodes that have joined it,
// behind haproxy.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { promisify } from 'node:util';

import { ask, freePorts } from '../support/ask.mjs';
import { Database } from '../support/database.mjs';
import { SandboxProcess, binary } from '../support/sandbox_process.mjs';
import { Haproxy } from './haproxy.mjs';
import { Wire } from './wire.mjs';

export { eventually, times } from '../support/patience.mjs';

const run = promisify(execFile);
export const links = '/v2/payment_links';

export class Cluster {
  nodes = [];

  // `flags` are those of each server. Without `haproxy` nobody listens where notifications are sent.
  static async start({ flags = [], nodes = 3, haproxy = true } = {}) {
    const cluster = new this();
    cluster.flags = flags;
    try {
      await cluster.begin(nodes, haproxy);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  async begin(nodes, haproxy) {
    this.database = await Database.create();
    const [port, ...ports] = await freePorts(1 + nodes);
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.common = ['--database', this.database.url, '--public-url', this.url, '--postgres-connections', '4',
      '--log-level', 'warn', ...this.flags];
    [this.firstPort] = await freePorts(1);
    this.first = await SandboxProcess.start({ listen: `127.0.0.1:${this.firstPort}`, flags: this.common });
    this.wire = await Wire.lay(this.first.ready.simulator_url);
    // Those who join find the simulator behind the wire.
    this.joined = path.join(this.first.folder, 'joined');
    await fs.mkdir(this.joined);
    await fs.copyFile(path.join(this.first.dataDir, 'seed'), path.join(this.joined, 'seed'));
    const theirs = { ...this.first.ready, simulator_url: this.wire.url };
    await fs.writeFile(path.join(this.joined, 'ready.json'), JSON.stringify(theirs));
    await Promise.all(ports.map((one) => this.join(one)));
    if (haproxy) this.haproxy = await Haproxy.start(this.first.folder, port, ports);
  }

  async join(port) {
    const flags = ['--join', this.joined, ...this.common];
    const node = Object.assign(await SandboxProcess.start({ listen: `127.0.0.1:${port}`, flags }), { port });
    this.nodes.push(node);
    return node;
  }

  get bearer() {
    return `Bearer ${this.first.ready.access_token}`;
  }

  // Asks one node, or whoever listens on `port`, under the address that payers know.
  async ask(port, method, target, { key, body, authorization = this.bearer, headers = {}, agent } = {}) {
    const all = { host: `127.0.0.1:${this.port}`, 'content-type': 'application/json', ...headers };
    if (authorization) all.authorization = authorization;
    if (key) all['idempotency-key'] = key;
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await ask(port, method, target, { headers: all, body: text, agent });
    const isJson = answer.headers['content-type']?.startsWith('application/json');
    return { ...answer, json: isJson && answer.text ? JSON.parse(answer.text) : undefined };
  }

  // The same, for what has to be done.
  async call(port, method, target, options) {
    const answer = await this.ask(port, method, target, options);
    assert.ok(answer.status < 400, `${method} ${target}: ${answer.status} ${answer.text}`);
    return answer.json;
  }

  async createLink(port = this.nodes[0].port, more = {}) {
    const { payment_link: link } = await this.call(port, 'POST', links, { body: linkBody(more) });
    return link;
  }

  advance(by, port = this.nodes[0].port) {
    return this.call(port, 'POST', '/sandbox/clock', { body: { advance: by } });
  }

  // Pays, or does not, by the sandbox's short way.
  pay(port, link, outcome, method = 'ideal') {
    const body = { payment_link_id: link.id, payment_method: method, debitor_email: 'ada@example.com', outcome };
    return this.ask(port, 'POST', '/sandbox/payments', { body });
  }

  // What a payer does at the simulator's page.
  async decide(checkoutUrl, outcome) {
    const { port, pathname } = new URL(checkoutUrl);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return ask(port, 'POST', pathname, { headers, body: `outcome=${outcome}` });
  }

  // What the provider has stored.
  async atProvider(select) {
    const file = path.join(this.first.dataDir, 'simulator.db');
    const { stdout } = await run('sqlite3', ['-readonly', '-json', '-cmd', '.timeout 5000', file, select],
      { maxBuffer: 64 << 20 });
    return stdout ? JSON.parse(stdout) : [];
  }

  // `paylink keys …` on a data directory; what it printed.
  async keys(command, dataDir, ...words) {
    const all = ['keys', command, '--data-dir', dataDir, '--database', this.database.url, ...words];
    const { stdout } = await run(binary, all, { timeout: 20_000 });
    return stdout;
  }

  // A data directory of this sandbox that no server uses.
  async spareDataDir() {
    const spare = path.join(this.first.folder, `spare-${randomUUID()}`);
    await fs.mkdir(spare);
    await fs.copyFile(path.join(this.joined, 'seed'), path.join(spare, 'seed'));
    return spare;
  }

  async stop() {
    await this.haproxy?.stop();
    await Promise.all(this.nodes.map((node) => node.stop()));
    await this.first?.stop();
    this.wire?.stop();
    await this.database?.drop();
  }
}

export function linkBody({ reusable = false, ...more } = {}) {
  const item = { title: 'T-Shirt', quantity: 1, unit_price: { value: '10.99', currency: 'EUR' }, vat_rate: '21.0' };
  return { payment_link: { potential_payment_methods: ['credit_card', 'ideal'], reusable, items: [item], ...more } };
}

export function keepAlive(connections) {
  return new http.Agent({ keepAlive: true, maxSockets: connections });
}
