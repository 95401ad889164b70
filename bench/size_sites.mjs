// Servers that are measured side by side, each with its installation.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { note, pathsFile } from './common.mjs';
import { load, work } from './servers.mjs';
import { ask, keepInMemory, megabytes, samplesOf, start } from './size_installations.mjs';

export const rounds = Number(process.env.N ?? 3);
export const seconds = Number(process.env.SECONDS ?? 1);
const run = promisify(execFile);

export async function openSite(installation, more = {}) {
  const server = await start(installation);
  const samples = samplesOf(installation);
  return {
    installation, server, samples, figures: new Map(),
    links: samples.map(([id]) => `/v2/payment_links/${id}`),
    hosted: samples.map(([, resource]) => `/${server.ready.organization.id}?resource_id=${resource}`),
    ...more,
  };
}

// As many as fit into the time, one after the other, and some in any case.
export async function timed(site, paths) {
  const { milliseconds } = await ask(site.server, paths[0]);
  const few = ['--requests', Math.max(2, Math.ceil((seconds * 1000) / milliseconds))];
  const many = ['--seconds', seconds, '--warmup', seconds / 5];
  return load(site.server, ['--paths', pathsFile('size/paths', paths), '--connections', 1, '--patience', 120,
    ...(milliseconds > seconds * 50 ? few : many)]);
}

// GETs of a link at a fixed rate, whether or not the last one has been answered.
export async function quietGets(site, length) {
  const { stdout } = await run(join(work, 'fairness'), ['--port', site.server.port, '--authorization',
    site.server.authorization, '--path', site.links[0], '--noisy-connections', 0, '--seconds', length].map(String));
  return JSON.parse(stdout);
}

// Every figure of every site in turn, so that a machine that slows down slows all of them.
export async function measureInTurn(sites, figures) {
  for (let round = 1; round <= rounds; ++round) {
    for (const figure of figures) {
      for (const site of sites) {
        await keepInMemory(site.installation);
        const taken = await figure.measure(site);
        site.figures.set(figure, [...site.figures.get(figure) ?? [], taken]);
      }
      const each = sites.map((site) => (site.figures.get(figure).at(-1).p50_us / 1000).toFixed(3));
      note(`round ${round}/${rounds}, ${figure.name}: p50 ${each.join(', ')} ms`);
    }
  }
}

// Says what it has come to hold.
export async function closeSite(site) {
  const { own_kib: own, resident_max_kib: highest } = await load(site.server, ['--paths',
    pathsFile('size/paths', site.links), '--requests', 1, '--connections', 1]);
  const sizesOnDisk = Object.entries(await megabytes(site.installation));
  const held = sizesOnDisk.map(([what, size]) => `${what} ${size.toFixed(0)} MB`);
  console.log(`${site.installation.name}: server ${(own / 1024).toFixed(0)} MiB of its own, highest with `
    + `mapped files ${(highest / 1024).toFixed(0)} MiB; ${held.join(', ')}`);
  await site.server.stop();
}
