// Measures whole requests at several sizes side by side, in interleaved rounds. README.md says what each is.
//
// Environment: SIZES (1000,1000000,10000000), N rounds (3), SECONDS per measurement (1), PER_PAGE (100), ONLY (a
// regular expression: the figures whose names match), PAYLINK_BIN; on PostgreSQL inside `tools/postgres run`, as
// bench/size does.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bodyFile, note, pathsFile } from './common.mjs';
import { load, work } from './servers.mjs';
import {
  ask, copyOf, endLoading, engine, install, keepInMemory, megabytes, remove, samplesOf, start,
} from './size_installations.mjs';
import { checkLinks } from './size_checks.mjs';
import {
  cursorPath, firstPages, lastPages, lists, middlePages, nameOf, pagePath, perPage, walked,
} from './size_lists.mjs';
import { printSizes } from './size_table.mjs';

const sizes = (process.env.SIZES ?? '1000,1000000,10000000').split(',').map(Number);
const rounds = Number(process.env.N ?? 3);
const seconds = Number(process.env.SECONDS ?? 1);
const only = new RegExp(process.env.ONLY ?? '');
const small = 100_000; // many creates would make such a one another: they go to a copy
const run = promisify(execFile);

// As many as fit into the time, and some in any case.
async function timed(server, paths) {
  const file = pathsFile('size/paths', paths);
  const { milliseconds } = await ask(server, paths[0]);
  const few = ['--requests', Math.max(2, Math.ceil((seconds * 1000) / milliseconds))];
  const many = ['--seconds', seconds, '--warmup', seconds / 5];
  const length = milliseconds > seconds * 50 ? few : many;
  return load(server, ['--paths', file, '--connections', 1, '--patience', 120, ...length]);
}

const pagesOf = (site, list, choose) => choose(site.pages.get(list)).map((page) => pagePath(list, page));

async function creates(site, connections) {
  const copy = site.untouched ? await copyOf(site.untouched, 'copy') : null;
  const server = copy ? await start(copy) : site.server;
  const figures = await load(server, ['--body', bodyFile, '--connections', connections, '--seconds', 3 * seconds,
    '--warmup', seconds]);
  if (copy) {
    await server.stop();
    await remove(copy);
  }
  return figures;
}

async function walk(site, list, options) {
  const paths = options.includes('--follow') ? [cursorPath(list)]
    : Array.from({ length: Math.min(site.pages.get(list), 50_000) }, (_, at) => pagePath(list, at + 1));
  const figures = await load(site.server, ['--paths', pathsFile('size/paths', paths), '--order', 'given',
    '--connections', 1, '--seconds', 5 * seconds, '--warmup', 0, '--patience', 120, ...options]);
  return { ...figures, slower: figures.last_tenth_p50_us / figures.first_tenth_p50_us };
}

// What GETs of links take while somebody else jumps into the middle of lists, one jump after the other.
async function besideJumps(site) {
  const quiet = async () => {
    const { stdout } = await run(join(work, 'fairness'), ['--port', site.server.port, '--authorization',
      site.server.authorization, '--path', site.links[0], '--noisy-connections', 0, '--seconds', 5].map(String));
    return JSON.parse(stdout);
  };
  const alone = await quiet();
  const jumps = lists.flatMap((list) => pagesOf(site, list, middlePages).slice(0, 20));
  const noise = load(site.server, ['--paths', pathsFile('size/jumps', jumps), '--connections', 1, '--seconds', 5.5,
    '--warmup', 0, '--patience', 120]);
  const beside = await quiet();
  await noise;
  return { p50_us: beside.p50_us, p99_us: beside.p99_us, moved: beside.p99_us / alone.p99_us };
}

// `bar` is of the p50 at the last size over that at the first; `limits` are of what it takes at the last size.
function figures() {
  const each = (start, choose, more) => lists.map((list) => ({
    name: `${start}: ${nameOf(list)}`, measure: (site) => timed(site.server, pagesOf(site, list, choose)), ...more,
  }));
  return [
    { name: 'GET by id', measure: (site) => timed(site.server, site.links), bar: 1.2, goal: 1.2 },
    { name: 'the page', measure: (site) => timed(site.server, site.hosted), bar: 1.2, goal: 1.2 },
    ...each('first page', () => [1], { bar: 2, goal: 1.5 }),
    ...each('first 1000', firstPages, { bar: 2, goal: 1.5 }),
    ...each('last 1000', lastPages, { bar: 2, goal: 1.5 }),
    ...walked.map((list) => ({
      name: `by number: ${nameOf(list)}`, measure: (site) => walk(site, list, []), isFlat: true,
    })),
    ...walked.map((list) => ({
      name: `by cursor: ${nameOf(list)}`, measure: (site) => walk(site, list, ['--follow', 'cursor']), isFlat: true,
    })),
    ...each('middle', middlePages, { limit: 2000 }),
    { name: 'GET by id beside jumps', measure: besideJumps, moves: 1.5 },
    { name: 'create, one at a time', measure: (site) => creates(site, 1) },
    { name: 'create, 64 at a time', measure: (site) => creates(site, 64), rate: 0.5, rateGoal: 0.8 },
  ].filter((figure) => only.test(figure.name));
}

async function open(installation) {
  const { links } = installation;
  const untouched = links < small ? await copyOf(installation, 'untouched') : null;
  const server = await start(installation);
  const samples = samplesOf(installation);
  const site = {
    installation, untouched, server, figures: new Map(), pages: new Map(),
    links: samples.map(([id]) => `/v2/payment_links/${id}`),
    hosted: samples.map(([, resource]) => `/${server.ready.organization.id}?resource_id=${resource}`),
  };
  await checkLinks(server, samples, links);
  for (const list of lists) {
    const { meta } = JSON.parse((await ask(server, pagePath(list, 1))).text);
    site.pages.set(list, meta.total_pages);
  }
  return site;
}

async function measure(sites, measured) {
  for (let round = 1; round <= rounds; ++round) {
    for (const figure of measured) {
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

async function close(site) {
  const { resident_kib: now, resident_max_kib: highest } = await load(site.server, ['--paths',
    pathsFile('size/paths', site.links), '--requests', 1, '--connections', 1]);
  const sizesOnDisk = Object.entries(await megabytes(site.installation));
  const held = sizesOnDisk.map(([what, size]) => `${what} ${size.toFixed(0)} MB`);
  console.log(`${site.installation.name} links: server ${(now / 1024).toFixed(0)} MiB, highest `
    + `${(highest / 1024).toFixed(0)} MiB; ${held.join(', ')}`);
  await site.server.stop();
  if (site.untouched) await remove(site.untouched);
}

const installations = [];
for (const links of sizes) installations.push(await install(String(links), links));
await endLoading();
const sites = [];
for (const installation of installations) sites.push(await open(installation));
const measured = figures();
await measure(sites, measured);
const failed = printSizes(sites, measured, engine, perPage);
for (const site of sites) await close(site);
writeFileSync(join(work, `result-size-${engine.toLowerCase()}.json`), JSON.stringify(sites.map((site) => ({
  links: site.installation.links, figures: Object.fromEntries([...site.figures].map(([f, taken]) => [f.name, taken])),
})), null, 1));
process.exit(failed ? 1 : 0);
