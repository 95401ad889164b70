// Between the nodes and their provider: counts what they ask it, and can hold it back.

import { once } from 'node:events';
import http from 'node:http';

export class Wire {
  counts = new Map();  // by `METHOD path`
  waiting = [];
  isHeld = false;

  static async lay(url) {
    const wire = new this();
    wire.target = new URL(url);
    wire.agent = new http.Agent({ keepAlive: true });
    wire.server = http.createServer((request, response) => wire.take(request, response));
    wire.server.listen(0, '127.0.0.1');
    await once(wire.server, 'listening');
    wire.url = `http://127.0.0.1:${wire.server.address().port}`;
    return wire;
  }

  take(request, response) {
    const what = `${request.method} ${request.url}`;
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
    const pass = () => this.pass(request, response);
    if (this.isHeld) this.waiting.push(pass);
    else pass();
  }

  pass(request, response) {
    if (request.socket.destroyed) return;
    const { hostname, port } = this.target;
    const headers = { ...request.headers, host: this.target.host };
    const onward = http.request({ hostname, port, method: request.method, path: request.url, headers,
      agent: this.agent });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  }

  hold() {
    this.isHeld = true;
  }

  // What was held back goes on, unless whoever asked is gone.
  release() {
    this.isHeld = false;
    for (const pass of this.waiting.splice(0)) pass();
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
    this.agent.destroy();
  }
}
