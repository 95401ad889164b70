// One sandbox and what the model knows of it. Every request goes through `ask`, which holds each answer to the
// contract.

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { check } from './contract.mjs';
import { makeKeys } from './merchant.mjs';
import { Server } from './server.mjs';

// ms around an end within which nobody knows on which side a request is: a slow one may take this long, and both clocks
// are the machine's.
const before = 1_500, after = 5;
export const jsonType = { 'content-type': 'application/json' };

export class World {
  static async start() {
    const server = await Server.start();
    return Object.assign(new World(), { server, scoped: await makeKeys(server), connection: 'enabled', links: [],
      keys: new Map(), offset: 0, exchanges: 0, lastMade: 0 });
  }

  now() {
    return Date.now() + this.offset;
  }

  // Waits until no link ends about now, so that the model and the sandbox agree on what is over.
  async steady() {
    for (let tries = 0; tries < 20; ++tries) {
      const now = this.now();
      const ends = this.links.map(({ expires }) => expires);
      const close = ends.filter((time) => time > now - after && time < now + before);
      if (close.length === 0) return;
      await sleep(Math.max(...close) - now + after);
    }
    throw new Error('links end one after the other without a pause');
  }

  // `credential` is the whole Authorization field; null: none.
  async ask(method, target, { body, headers = {}, credential = this.server.apiKey } = {}) {
    const all = { ...headers, ...(credential === null ? {} : { authorization: credential }) };
    const begun = this.now();
    const answer = await this.server.send(method, target, all, body);
    Object.assign(answer, { begun, ended: this.now() });
    this.exchanges += 1;
    const what = `${method} ${target} ${body ?? ''}\n-> ${answer.status} ${answer.text.slice(0, 2000)}`;
    assert.ok(answer.status < 500, `5xx: ${what}`);
    assert.deepEqual(check({ method, target, answer, body }), [], `not as documented: ${what}`);
    return answer;
  }

  // A refusal: the codes and places of all its faults, in order.
  expectFaults(answer, status, faults, what) {
    const told = (answer.json?.errors ?? []).map(({ code, source }) => [code,
      source?.pointer ?? source?.parameter ?? null]);
    assert.deepEqual([answer.status, told], [status, faults], what);
  }

  // Ids made in one millisecond have no order: what is made is made 2 ms apart.
  async apart() {
    while (Date.now() < this.lastMade + 2) await sleep(1);
  }

  made() {
    this.lastMade = Date.now();
  }

  stop() {
    return this.server.stop();
  }
}
