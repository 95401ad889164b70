// Clients that go on asking through the balancer, and remember every answer that was not the right one.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { keepAlive, linkBody, links } from './cluster.mjs';

const pause = 60;  // ms between two requests of one client

export class Load {
  clients = 12;
  requests = 0;
  failures = [];  // {what, key, begunAt, why}
  created = new Map();  // idempotency key -> the link's id, as acknowledged
  isOver = false;

  static begin(cluster) {
    const load = new this();
    load.cluster = cluster;
    load.done = Promise.all(Array.from({ length: load.clients }, () => load.goOn()));
    return load;
  }

  async end() {
    this.isOver = true;
    await this.done;
  }

  async goOn() {
    const agent = keepAlive(1);
    await sleep(Math.random() * pause);
    while (!this.isOver) {
      const key = randomUUID();
      const made = await this.take(agent, 'POST', links, 201, { key, body: linkBody() });
      if (made) {
        const { id } = made.payment_link;
        this.created.set(key, id);
        await this.take(agent, 'GET', `${links}/${id}`, 200, {}, (link) => link.id === id);
        await this.take(agent, 'GET', `${links}?per_page=5`, 200, {}, (list) => list.payment_links.length === 5);
      }
    }
    agent.destroy();
  }

  async take(agent, method, target, status, options, isRight = () => true) {
    const what = `${method} ${target}`, begunAt = Date.now();
    this.requests += 1;
    const answer = await this.cluster.ask(this.cluster.port, method, target, { ...options, agent })
      .catch((error) => ({ text: String(error.code ?? error.message) }));
    await sleep(pause);
    if (answer.status === status && isRight(answer.json)) return answer.json;
    const why = `${answer.status ?? ''} ${answer.text.slice(0, 200)}`;
    this.failures.push({ what, key: options.key, begunAt, endedAt: Date.now() - pause, why });
    return null;
  }
}
