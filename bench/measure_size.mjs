// Measures whole requests at several sizes side by side, in interleaved rounds. README.md says what each is.
//
// Environment: SIZES (1000,1000000,10000000), N rounds (3), SECONDS per measurement (1), PER_PAGE (100), ONLY (a
// regular expression: the figures whose names match), PAYLINK_BIN; on PostgreSQL inside `tools/postgres run`, as
// bench/size does.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bodyFile, note, pathsFile } from './common.mjs';
import { load, work } from './servers.mjs';
import { checkLinks } from './size_checks.mjs';
import { copyOf, endLoading, engine, install, remove, start } from './size_installations.mjs';
import {
  cursorPath, firstPages, lastPages, lists, middlePages, nameOf, pagePath, perPage, walked,
} from './size_lists.mjs';
import { closeSite, measureInTurn, openSite, quietGets, seconds, timed } from './size_sites.mjs';
import { printSizes } from './size_table.mjs';

const sizes = (process.env.SIZES ?? '1000,1000000,10000000').split(',').map(Number);
const only = new RegExp(process.env.ONLY ?? '');
const small = 100_000; // many creates would make such a one another: they go to a copy

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
  const alone = await quietGets(site, 5);
  const jumps = lists.flatMap((list) => pagesOf(site, list, middlePages).slice(0, 20));
  const noise = load(site.server, ['--paths', pathsFile('size/jumps', jumps), '--connections', 1, '--seconds', 5.5,
    '--warmup', 0, '--patience', 120]);
  const beside = await quietGets(site, 5);
  await noise;
  note(`${site.installation.links} links: p99 of GETs ${alone.p99_us} us alone, ${beside.p99_us} us beside jumps`);
  return { ...beside, moved: beside.p99_us / alone.p99_us };
}

// `bar` is of the p50 at the last size over that at the first; `limits` are of what it takes at the last size.
function figures() {
  const each = (start, choose, more) => lists.map((list) => ({
    name: `${start}: ${nameOf(list)}`, measure: (site) => timed(site, pagesOf(site, list, choose)), ...more,
  }));
  return [
    { name: 'GET by id', measure: (site) => timed(site, site.links), bar: 1.2, goal: 1.2 },
    { name: 'the page', measure: (site) => timed(site, site.hosted), bar: 1.2, goal: 1.2 },
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
  const site = await openSite(installation, { untouched });
  note(`${links} links: are they as they should be?`);
  site.pages = await checkLinks(site.server, site.samples, installation);
  return site;
}

const installations = [];
for (const links of sizes) installations.push(await install(String(links), links));
await endLoading();
const sites = [];
for (const installation of installations) sites.push(await open(installation));
const measured = figures();
await measureInTurn(sites, measured);
const failed = printSizes(sites, measured, `${engine}, ${perPage} links a page, ms`);
for (const site of sites) {
  await closeSite(site);
  if (site.untouched) await remove(site.untouched);
}
writeFileSync(join(work, `result-size-${engine.toLowerCase()}.json`), JSON.stringify(sites.map((site) => ({
  links: site.installation.links, figures: Object.fromEntries([...site.figures].map(([f, taken]) => [f.name, taken])),
})), null, 1));
process.exit(failed ? 1 : 0);
