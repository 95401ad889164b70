// What the measurements of both engines share: how long, with what, and the links that reads read.
import { readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { load, work } from './servers.mjs';

export const rounds = Number(process.env.N ?? 5);
export const seconds = Number(process.env.SECONDS ?? 3);
export const links = 20_000;
export const warmup = 2; // seconds: Node needs two to compile its hot code
export const bodyFile = join(dirname(fileURLToPath(import.meta.url)), 'body.json');
export const timing = ['--seconds', seconds, '--warmup', warmup];

export const note = (text) => process.stderr.write(`bench: ${text}\n`);

export function get(server, path) {
  return new Promise((settle, fail) => {
    const headers = { authorization: server.authorization };
    request({ port: server.port, host: '127.0.0.1', path, headers }, async (answer) => {
      const chunks = [];
      for await (const chunk of answer) chunks.push(chunk);
      settle(Buffer.concat(chunks));
    }).on('error', fail).end();
  });
}

// Writes what load is to read to a file of this name, and returns the file's.
export function pathsFile(name, paths) {
  const file = join(work, name);
  writeFileSync(file, `${paths.join('\n')}\n`);
  return file;
}

// Has `server` make as many links as the reads are to choose from, and returns their paths.
export async function makeLinks(server) {
  const idsFile = join(work, 'ids');
  await load(server, ['--body', bodyFile, '--requests', links, '--save-ids', idsFile]);
  const ids = readFileSync(idsFile, 'utf8').trim().split('\n');
  if (new Set(ids).size !== links) throw new Error(`expected ${links} different links, got ${new Set(ids).size}`);
  return ids.map((id) => `/v2/payment_links/${id}`);
}

// The last line of a measurement; the exit status that its rows ask for.
export function finish(engine, rows) {
  const barred = rows.filter((row) => row.met !== null);
  const met = barred.filter((row) => row.met).length;
  console.log(`bench: ${engine}: ${rows.length} figures, ${met} of ${barred.length} bars met, `
    + `${rounds} rounds of ${seconds} s`);
  process.exit(rows.some((row) => row.failed) ? 1 : 0);
}
