// What a request costs an organization that shares a file with many others, beside one that has its own. Each has five
// links when it begins.
//
// Environment: ORGANIZATIONS (100000), N rounds (3), SECONDS per measurement (1), PAYLINK_BIN; on PostgreSQL inside
// `tools/postgres run`, as bench/size does.
import { bodyFile } from './common.mjs';
import { load } from './servers.mjs';
import { endLoading, engine, install } from './size_installations.mjs';
import { closeSite, measureInTurn, openSite, timed } from './size_sites.mjs';
import { printSizes } from './size_table.mjs';

const organizations = Number(process.env.ORGANIZATIONS ?? 100_000);
const each = 5;

// As many on both sides, so that what both have stays the same.
const creates = (site, connections, requests) =>
  load(site.server, ['--body', bodyFile, '--connections', connections, '--requests', requests]);

const figures = [
  { name: 'GET by id', measure: (site) => timed(site, site.links), bar: 1.2, goal: 1.2 },
  { name: 'the page', measure: (site) => timed(site, site.hosted), bar: 1.2, goal: 1.2 },
  { name: 'first page of the list', measure: (site) => timed(site, ['/v2/payment_links']), bar: 1.2, goal: 1.2 },
  { name: 'create, one at a time', measure: (site) => creates(site, 1, 500) },
  { name: 'create, 64 at a time', measure: (site) => creates(site, 64, 10_000), rate: 0.8, rateGoal: 0.8 },
];

const installations = [
  await install('one-organization', each, { isFresh: true }),
  await install('organizations', each * organizations, { options: ['--organizations', organizations], isFresh: true }),
];
await endLoading();
const sites = [];
for (const installation of installations) sites.push(await openSite(installation));
for (const { server } of sites) await load(server, ['--body', bodyFile, '--requests', 2000]);
await measureInTurn(sites, figures);
const failed = printSizes(sites, figures, `${engine}, 1 and ${organizations} organizations, ms`);
for (const site of sites) await closeSite(site);
process.exit(failed ? 1 : 0);
