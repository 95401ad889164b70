// One request, and ports for those who answer.

import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';

const answerDeadline = 30_000;  // ms

// The answer as {status, headers, text}. Fails when the connection breaks before its end.
export function ask(port, method, target, { headers = {}, body, agent } = {}) {
  return new Promise((resolve, reject) => {
    const all = { ...headers };
    if (body !== undefined) all['content-length'] = Buffer.byteLength(body);
    const request = http.request({ host: '127.0.0.1', port, method, path: target, headers: all, agent });
    request.setTimeout(answerDeadline, () => request.destroy(new Error('no answer')));
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode, headers: response.headers, text });
      });
    });
    request.end(body);
  });
}

async function isFree(port) {
  const probe = net.createServer();
  const listening = once(probe, 'listening');
  probe.listen(port, '127.0.0.1');
  const free = await listening.then(() => true, () => false);
  if (free) {
    probe.close();
    await once(probe, 'close');
  }
  return free;
}

// Below those that the system gives to clients: who is started again must find its port free.
export async function freePorts(count) {
  const ports = [];
  for (let tries = 0; ports.length < count && tries < 1_000; tries += 1) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (!ports.includes(port) && await isFree(port)) ports.push(port);
  }
  if (ports.length < count) throw new Error('There are no free ports.');
  return ports;
}
