// Keep-alive connections that all send the same request at the same moment.

import { once } from 'node:events';
import net from 'node:net';

const deadline = 30_000;  // ms

export class Volley {
  // One connection after the other to each of `ports` in turn.
  static async open(ports, connections) {
    const volley = new this();
    volley.sockets = Array.from({ length: connections }, (_, i) =>
      net.connect({ host: '127.0.0.1', port: ports[i % ports.length], noDelay: true }));
    await Promise.all(volley.sockets.map((socket) => once(socket, 'connect')));
    for (const socket of volley.sockets) {
      socket.said = '';
      socket.setEncoding('latin1');
      socket.on('data', (text) => volley.hear(socket, text));
      socket.on('error', (error) => volley.fail?.(error));
      socket.on('close', () => volley.fail?.(new Error('a connection was closed')));
    }
    return volley;
  }

  // Every answer as {status, text}.
  fire(target, form, host) {
    const body = new URLSearchParams(form).toString();
    const request = Buffer.from(`POST ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${body.length}\r\n`
      + `Content-Type: application/x-www-form-urlencoded\r\n\r\n${body}`);
    this.answers = [];
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.answers.length} answers`)), deadline);
      this.fail = (error) => {
        clearTimeout(timer);
        reject(error);
      };
      this.done = () => {
        clearTimeout(timer);
        resolve(this.answers);
      };
      for (const socket of this.sockets) socket.write(request);
    });
  }

  hear(socket, text) {
    socket.said += text;
    const end = socket.said.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/\r\nContent-Length: (\d+)/i.exec(socket.said)?.[1] ?? NaN);
    if (socket.said.length < end + 4 + length) return;
    this.answers.push({ status: Number(socket.said.slice(9, 12)), text: socket.said.slice(end + 4) });
    socket.said = '';
    if (this.answers.length === this.sockets.length) this.done();
  }

  close() {
    this.fail = undefined;
    for (const socket of this.sockets) socket.destroy();
  }
}
