// A sandbox of its own for each test file, with people and applications made as an operator makes them. On SQLite, or
// with PAYLINK_TEST_ENGINE=postgres on the cluster of `tools/postgres run`.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import http from 'node:http';
import { promisify } from 'node:util';

import { ask, freePorts } from '../support/ask.mjs';
import { Database } from '../support/database.mjs';
import { SandboxProcess, binary } from '../support/sandbox_process.mjs';
import { Application } from './application.mjs';
import { Person } from './person.mjs';

const run = promisify(execFile);

export const engine = process.env.PAYLINK_TEST_ENGINE ?? 'sqlite';

export class Server extends SandboxProcess {
  agent = new http.Agent({ keepAlive: true, maxSockets: 8 });

  static async open({ flags = [] } = {}) {
    const database = engine === 'postgres' ? await Database.create() : undefined;
    const [port] = await freePorts(1);
    const storage = database ? ['--database', database.url, '--postgres-connections', '8'] : [];
    const server = await this.start({ listen: `127.0.0.1:${port}`, flags: [...storage, ...flags] });
    return Object.assign(server, { database, port });
  }

  // Ends as processes do that the system kills, and starts again.
  async crash() {
    await this.end('SIGKILL');
    this.agent.destroy();
    await this.begin();
  }

  // Another node of the same sandbox, on PostgreSQL.
  async join() {
    const [port] = await freePorts(1);
    const flags = ['--join', this.dataDir, '--public-url', this.issuer, ...this.flags];
    return Object.assign(await SandboxProcess.start({ listen: `127.0.0.1:${port}`, flags }), { port });
  }

  async stop() {
    this.agent.destroy();
    await super.stop();
    await this.database?.drop();
  }

  get issuer() {
    return this.ready.base_url;
  }

  // The answer as {status, headers, text, target, json}; json is absent where the body is none. A form is an object, or
  // a list of pairs where a name comes twice.
  async send(method, target, { headers = {}, form, body = form && new URLSearchParams(form).toString() } = {}) {
    const type = form && { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await ask(this.port, method, target, { headers: { ...type, ...headers }, body, agent: this.agent });
    const isJson = answer.headers['content-type']?.startsWith('application/json') && answer.text !== '';
    return { ...answer, target, json: isJson ? JSON.parse(answer.text) : undefined };
  }

  // One request to the API with an access token, or with another Authorization field.
  call(token, method = 'GET', target = '/v2/payment_links?per_page=1', body = undefined) {
    const authorization = /[ :]/.test(token) ? token : `Bearer ${token}`;
    const headers = { authorization, 'content-type': 'application/json' };
    return this.send(method, target, { headers, body: body && JSON.stringify(body) });
  }

  async advance(by) {
    const answer = await this.send('POST', '/sandbox/clock',
      { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ advance: by }) });
    assert.equal(answer.status, 200, answer.text);
  }

  // What `paylink WORDS…` printed about this installation.
  async operate(...words) {
    const database = this.database ? ['--database', this.database.url] : [];
    const all = [...words, '--data-dir', this.dataDir, ...database];
    const { stdout } = await run(binary, all, { timeout: 20_000 });
    return stdout.startsWith('{') ? JSON.parse(stdout) : stdout;
  }

  get owner() {
    return new Person(this, this.ready.user);
  }

  async addPerson({ email, role }) {
    const { slug } = this.ready.organization;
    const { password } =
      await this.operate('users', 'create', '--email', email, '--role', role, '--organization', slug);
    return new Person(this, { email, password });
  }

  async addOrganization({ slug, name, owner }) {
    const account = ['--iban', 'FR7716798000010000000000103', '--bic', 'TRZOFR21XXX'];
    return this.operate('organizations', 'create', '--slug', slug, '--name', name, '--owner-email', owner, ...account);
  }

  async addApplication({ name, uris, scopes, isPublic = false }) {
    const many = (flag, values) => values.flatMap((value) => [flag, value]);
    const words = [...many('--redirect-uri', uris), ...many('--scope', scopes), ...(isPublic ? ['--public'] : [])];
    const made = await this.operate('clients', 'create', '--name', name, ...words);
    return new Application(this, made);
  }

  // The one that every sandbox has.
  get ownApplication() {
    const { redirect_uri: uri, ...rest } = this.ready.oauth_client;
    const scopes = ['membership.read', 'offline_access', 'organization.read', 'payment_link.create',
      'payment_link.read', 'payment_link.write', 'webhook'];
    return new Application(this, { ...rest, name: 'Sandbox application', redirect_uris: [uri], scopes });
  }
}
