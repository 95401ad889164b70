// The lists that are measured: which links, in which order, and which of their pages.
export const perPage = Number(process.env.PER_PAGE ?? 100);

const orders = ['', 'amount:asc', 'amount:desc', 'expiration_date:asc', 'expiration_date:desc'];
const filters = [[], ['paid'], ['paid', 'expired']];

export const lists = filters.flatMap((statuses) => orders.map((order) => ({ statuses, order })));
// What walks go through: one in each order, and each filter once.
export const walked = [lists[0], lists[1 * orders.length + 4], lists[2 * orders.length + 1]];

export const nameOf = ({ statuses, order }) => `${statuses.join(' and ') || 'all'}, ${order || 'newest first'}`;

function pathOf({ statuses, order }, place) {
  const query = [`per_page=${perPage}`, ...statuses.map((status) => `status[]=${status}`)];
  if (order) query.push(`sort_by=${order}`);
  return `/v2/payment_links?${query.join('&')}&${place}`;
}

export const pagePath = (list, page) => pathOf(list, `page=${page}`);
export const cursorPath = (list) => pathOf(list, 'cursor=');

const near = 1000;
const choices = 200;

// The same for every run, so that rounds can be compared.
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const several = (seed, from, count) => {
  const next = random(seed);
  return Array.from({ length: choices }, () => from + next(count));
};

// Numbers of pages of a list that has so many.
export const firstPages = (pages) => several(1, 1, Math.min(near, pages));
export const lastPages = (pages) => {
  const count = Math.min(near, pages);
  return several(2, pages - count + 1, count);
};
export const middlePages = (pages) => several(3, Math.floor(pages * 0.4) + 1, Math.max(1, Math.floor(pages * 0.2)));
