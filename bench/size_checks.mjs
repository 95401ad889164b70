// Links written in bulk must be as those that the server makes: it is asked for some before anything is measured.
import { askJson } from './size_installations.mjs';
import { lists, nameOf, pagePath } from './size_lists.mjs';

function expect(isTrue, sentence) {
  if (!isTrue) throw new Error(`the links are not as they should be: ${sentence}`);
}

async function checkSamples(server, samples) {
  const step = Math.max(1, Math.floor(samples.length / 20));
  for (let at = 0; at < samples.length; at += step) {
    const [id, resource] = samples[at];
    const { payment_link: link } = await askJson(server, `/v2/payment_links/${id}`);
    expect(link.id === id && link.url.endsWith(`?resource_id=${resource}`), `${id} is answered as ${link.id}`);
    const [item] = link.items;
    const cents = Math.round(Number(item.unit_price.value) * 100);
    const amount = (Math.floor((cents * 121 + 50) / 100) / 100).toFixed(2);
    expect(link.items.length === 1 && link.amount.value === amount, `${id} costs ${link.amount.value}, not ${amount}`);
  }
}

const keys = {
  '': (link) => link.created_at,
  amount: (link) => Number(link.amount.value),
  expiration_date: (link) => link.expiration_date,
};

async function checkPage(server, list, page) {
  const { payment_links: links, meta } = await askJson(server, pagePath(list, page));
  const [field, direction] = list.order.split(':');
  const found = links.map(keys[field]);
  const follows = (key, next) => (direction === 'asc' ? key <= next : key >= next);
  const sorted = found.every((key, at) => at === 0 || follows(found[at - 1], key));
  const name = `page ${page} of ${nameOf(list)}`;
  expect(sorted, `${name} is not in order`);
  expect(links.length > 0, `${name} is empty`);
  expect(new Set(links.map((link) => link.id)).size === links.length, `${name} has a link twice`);
  const others = links.filter((link) => list.statuses.length > 0 && !list.statuses.includes(link.status));
  expect(others.length === 0, `${name} has a link that is ${others[0]?.status}`);
  return meta.total_pages;
}

// Page after page: as many links as there are said to be, none twice.
async function checkWhole(server, list) {
  const seen = new Set();
  for (let page = 1, pages = 1; page <= pages; ++page) {
    const { payment_links: links, meta } = await askJson(server, pagePath(list, page));
    pages = meta.total_pages;
    for (const { id } of links) seen.add(id);
    if (page < pages) continue;
    expect(seen.size === meta.total_count, `${nameOf(list)}: ${seen.size} links, said to be ${meta.total_count}`);
  }
}

const whole = 100_000; // links; more would take long

// Of so many links, or more if others were made since. Answers how many pages each list has.
export async function checkLinks(server, samples, { links, isNew }) {
  let sum = 0;
  for (const status of ['open', 'expired', 'canceled', 'paid', 'processing']) {
    sum += (await askJson(server, `/v2/payment_links?per_page=1&status[]=${status}`)).meta.total_count;
  }
  const { total_count: total } = (await askJson(server, '/v2/payment_links?per_page=1')).meta;
  expect(total === sum && (isNew ? total === links : total >= links), `${total} in all, ${sum} by status, of ${links}`);
  await checkSamples(server, samples);
  const pages = new Map();
  for (const list of lists) {
    const count = await checkPage(server, list, 1);
    for (const page of new Set([2, count])) if (page > 1 && page <= count) await checkPage(server, list, page);
    if (links <= whole) await checkWhole(server, list);
    pages.set(list, count);
  }
  return pages;
}
