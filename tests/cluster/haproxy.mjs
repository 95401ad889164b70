// Debian's haproxy in front of nodes, on a port of its own. Nobody tells it what becomes of them: it asks /readyz.

import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { endChild, startChild } from '../support/sandbox_process.mjs';
import { ask } from '../support/ask.mjs';

const config = (port, nodes) => `
global
  nbthread 1
defaults
  mode http
  log stdout format raw local0
  option httplog
  option dontlog-normal
  option redispatch
  retries 3
  retry-on conn-failure
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout check 2s
frontend payers
  bind 127.0.0.1:${port}
  default_backend nodes
backend nodes
  balance roundrobin
  option forwardfor
  option httpchk
  http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host 127.0.0.1:${port}
  default-server check inter 100ms fall 2 rise 1
${nodes.map((node) => `  server node${node} 127.0.0.1:${node}`).join('\n')}
`;

export class Haproxy {
  static async start(folder, port, nodes) {
    const file = path.join(folder, 'haproxy.cfg');
    await fs.writeFile(file, config(port, nodes));
    const haproxy = new this();
    haproxy.port = port;
    haproxy.log = await fs.open(path.join(folder, 'haproxy.log'), 'w');
    haproxy.child = startChild('haproxy', ['-db', '-f', file], { stdio: ['ignore', haproxy.log.fd, haproxy.log.fd] });
    haproxy.file = path.join(folder, 'haproxy.log');
    await haproxy.answers();
    return haproxy;
  }

  async answers() {
    for (let waited = 0; waited < 10_000; waited += 50) {
      const answer = await ask(this.port, 'GET', '/readyz').catch(() => null);
      if (answer?.status === 200) return;
      await sleep(50);
    }
    throw new Error(`haproxy does not answer: ${await this.said()}`);
  }

  // What went wrong, in its words: not what it has sent elsewhere before anybody noticed.
  async said() {
    const text = await fs.readFile(this.file, 'utf8');
    return text.split('\n').filter((line) => !line.includes(' ---- ')).join('\n');
  }

  async stop() {
    await endChild(this.child, 'SIGKILL');
    await this.log.close();
  }
}
