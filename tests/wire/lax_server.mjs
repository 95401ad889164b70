// A server as there are some: it does not know Transfer-Encoding, so what a front sends in chunks it takes for
// requests. The harness must see that.

import { once } from 'node:events';
import net from 'node:net';

export class LaxServer {
  lines = [];
  served = 0;

  static async start() {
    const lax = new this();
    lax.server = net.createServer((socket) => lax.serve(socket));
    lax.server.listen(0, '127.0.0.1');
    await once(lax.server, 'listening');
    lax.port = lax.server.address().port;
    return lax;
  }

  serve(socket) {
    let bytes = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (more) => {
      bytes += more.toString('latin1');
      for (let end = bytes.indexOf('\r\n\r\n'); end >= 0; end = bytes.indexOf('\r\n\r\n')) {
        const head = bytes.slice(0, end);
        const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
        if (bytes.length < end + 4 + length) return;
        bytes = bytes.slice(end + 4 + length);
        socket.write(this.answer(head.split('\r\n').find((line) => line.includes(' ')) ?? ''));
      }
    });
  }

  answer(line) {
    this.served += 1;
    const trace = this.served.toString(16).padStart(32, '0');
    const [method, target] = line.split(' ');
    this.lines.push(JSON.stringify({ event: 'request', trace_id: trace, method, path: target }));
    const status = target === '/livez' ? '200 OK' : '404 Not Found';
    return `HTTP/1.1 ${status}\r\nX-Trace-Id: ${trace}\r\nContent-Length: ${method === 'HEAD' ? 0 : 2}\r\n\r\n${
      method === 'HEAD' ? '' : '{}'}`;
  }

  async end() {
    this.server.close();
    return this.lines;
  }
}
