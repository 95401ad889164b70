// Debian's nginx and haproxy in front of one server, as people set them up and as nobody should: the lenient ones hand
// on what they do not understand. All keep few connections to the server, so that clients share them.

import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { ask } from '../support/ask.mjs';
import { endChild, startChild } from '../support/sandbox_process.mjs';

const nginxConfig = (folder, { nginx, nginxLenient }, server) => `
${process.getuid() === 0 ? 'user root;' : ''}
worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx.error.log crit;
events { worker_connections 4096; }
http {
  log_format forwarded '$request_method $request_uri $upstream_addr';
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  upstream paylink { server 127.0.0.1:${server}; keepalive 4; }
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host 127.0.0.1:${server};
  server {
    listen 127.0.0.1:${nginx};
    access_log ${folder}/nginx.log forwarded;
    location / { proxy_pass http://paylink; }
  }
  server {
    listen 127.0.0.1:${nginxLenient};
    access_log ${folder}/nginxLenient.log forwarded;
    ignore_invalid_headers off;
    underscores_in_headers on;
    merge_slashes off;
    location / { proxy_pass http://paylink; proxy_request_buffering off; }
  }
}
`;

const haproxyConfig = ({ haproxy, haproxyLenient }, server) => `
global
  nbthread 1
defaults
  mode http
  log stdout format raw local0
  timeout connect 2s
  timeout client 10s
  timeout server 10s
  timeout http-keep-alive 10s
  http-reuse always
frontend strict
  bind 127.0.0.1:${haproxy}
  log-format "haproxy %HM %HU %ST %si"
  default_backend paylink
frontend lenient
  bind 127.0.0.1:${haproxyLenient}
  log-format "haproxyLenient %HM %HU %ST %si"
  option accept-invalid-http-request
  default_backend paylink
backend paylink
  http-request set-header Host 127.0.0.1:${server}
  server one 127.0.0.1:${server} pool-max-conn 4
`;

export const names = ['nginx', 'nginxLenient', 'haproxy', 'haproxyLenient'];

// Ready once each of them answers with what the server says.
export async function startFronts(folder, ports, server) {
  const byName = Object.fromEntries(names.map((name, i) => [name, ports[i]]));
  await fs.writeFile(path.join(folder, 'nginx.conf'), nginxConfig(folder, byName, server));
  await fs.writeFile(path.join(folder, 'haproxy.cfg'), haproxyConfig(byName, server));
  const log = await fs.open(path.join(folder, 'haproxy.log'), 'w');
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
  const children = [
    startChild('nginx', ['-p', folder, '-c', path.join(folder, 'nginx.conf'), '-e', `${folder}/nginx.error.log`],
      { stdio: ['ignore', 'ignore', 'inherit'], env }),
    startChild('haproxy', ['-db', '-f', path.join(folder, 'haproxy.cfg')], { stdio: ['ignore', log.fd, log.fd], env })];
  for (const [name, port] of Object.entries(byName)) {
    let status = 0;
    for (let waited = 0; status !== 200 && waited < 10_000; waited += 50) {
      status = (await ask(port, 'GET', '/livez').catch(() => ({}))).status ?? 0;
      if (status !== 200) await sleep(50);
    }
    if (status !== 200) throw new Error(`${name} does not answer`);
  }
  const stop = async () => {
    await Promise.all(children.map((child) => endChild(child)));
    await log.close();
  };
  return { ports: byName, stop };
}

// What each of them has handed on to the server, whatever became of it, as "METHOD /target".
export async function forwarded(folder) {
  const handedOn = Object.fromEntries(names.map((name) => [name, []]));
  const lines = async (file) => (await fs.readFile(path.join(folder, file), 'utf8')).split('\n').filter(Boolean);
  for (const name of ['nginx', 'nginxLenient'])
    for (const line of await lines(`${name}.log`)) {
      const [, request, server] = /^(\S* \S*) (.*)$/.exec(line) ?? [];
      if (request && server !== '-') handedOn[name].push(request);
    }
  for (const line of await lines('haproxy.log')) {
    const [, name, request, , from] = /^(\w+) (\S+ \S+) (\S+) (\S+)$/.exec(line) ?? [];
    if (handedOn[name] && from !== '-') handedOn[name].push(request);
  }
  return handedOn;
}
