// What a sandbox must answer, from docs/attempt-states.md and the API's description: plain values and no requests.

export const exponents = { EUR: 2, USD: 2, JPY: 0, TND: 3 };
export const allMethods = ['credit_card', 'apple_pay', 'paypal', 'ideal'];
export const linkStatuses = ['open', 'expired', 'canceled', 'paid', 'processing'];
export const paymentStatuses = ['open', 'pending', 'authorized', 'paid', 'canceled', 'expired', 'failed'];

const power = (exponent) => 10n ** BigInt(exponent);

// "-10.9" with 2 decimals: -1090n.
export function scaled(text, decimals) {
  const [, minus, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  const digits = BigInt(whole + fraction.padEnd(decimals, '0'));
  return minus ? -digits : digits;
}

export function printed(minor, decimals) {
  if (decimals === 0) return String(minor);
  const digits = String(minor).padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

function roundHalfUp(dividend, divisor) {
  const up = (value) => (value * 2n + divisor) / (divisor * 2n);
  return dividend < 0n ? -up(-dividend) : up(dividend);
}

// Each line is rounded by itself, VAT included; a half goes away from zero.
export function basketTotal(items) {
  return items.reduce((sum, { quantity, unit_price: price, vat_rate: rate }) => {
    const net = scaled(price.value, exponents[price.currency]) * scaled(String(quantity), 6);
    const gross = net * (power(6) + scaled(rate, 4));
    return sum + roundHalfUp(gross, power(12));
  }, 0n);
}

export function amountOf(sent) {
  const currency = sent.items ? sent.items[0].unit_price.currency : sent.amount.currency;
  const minor = sent.items ? basketTotal(sent.items) : scaled(sent.amount.value, exponents[currency]);
  return { minor, shown: { value: printed(minor, exponents[currency]), currency } };
}

const withoutNulls = (object) => Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null));

const itemFields = ['title', 'type', 'description', 'quantity', 'measure_unit', 'unit_price', 'vat_rate'];
const known = (item) =>
  Object.fromEntries(Object.entries(withoutNulls(item)).filter(([name]) => itemFields.includes(name)));

export const toSecond = (time) => `${new Date(time).toISOString().slice(0, 19)}Z`;

// The same day of the calendar a year on; 29 February becomes the 28th.
export function yearAfter(text) {
  const [date, time] = text.split('T');
  const [year, ...day] = date.split('-');
  return `${Number(year) + 1}-${day.join('-').replace('02-29', '02-28')}T${time}`;
}

// What a new link looks like, but for its id, url and created_at.
export function shownLink(sent, createdAt) {
  const isBasket = Boolean(sent.items);
  const link = {
    status: 'open',
    expiration_date: sent.expiration_date ? toSecond(Date.parse(sent.expiration_date)) : yearAfter(createdAt),
    created_at: createdAt,
    potential_payment_methods: sent.potential_payment_methods,
    amount: amountOf(sent).shown,
    resource_type: isBasket ? 'Basket' : 'Invoice',
    reusable: isBasket && Boolean(sent.reusable),
    items: isBasket ? sent.items.map(known) : null,
    invoice_id: isBasket ? null : sent.invoice_id,
    invoice_number: isBasket ? null : sent.invoice_number,
    debitor_name: isBasket ? null : sent.debitor_name,
  };
  if (sent.metadata && Object.keys(sent.metadata).length > 0) link.metadata = sent.metadata;
  return link;
}

// A link: {shown, minor, canceled, payments, expires (ms)}. A payment: {shown}.
export function statusOf(link, now) {
  const has = (status) => link.payments.some((payment) => payment.shown.status === status);
  if (!link.shown.reusable && has('paid')) return 'paid';
  if (!link.shown.reusable && has('pending')) return 'processing';
  if (link.canceled) return 'canceled';
  // A payment that was begun in time keeps it open.
  return has('pending') || now < link.expires ? 'open' : 'expired';
}

export const shownNow = (link, now) => ({ ...link.shown, status: statusOf(link, now) });

// Of major units, by currency; what is missing is not taken at all.
const limits = { credit_card: 10_000, apple_pay: 10_000, paypal: 8_000, ideal: 50_000 };

export function providerTakes(link, method) {
  return link.minor <= BigInt(limits[method]) * power(exponents[link.shown.amount.currency]);
}

// Card payments of these amounts fail at the simulated provider, as they do in Mollie's test mode.
function failsByAmount({ value, currency }) {
  return currency === 'EUR' && /^10(0[1-9]|1[01])\.00$/.test(value);
}

// What comes of paying: {status, code} or {status, outcome}; `failed` when the try leaves a failed payment, `early`
// when the provider is not looked for.
export function outcomeOfPaying(link, method, outcome, now) {
  const status = statusOf(link, now);
  if (status !== 'open' || link.expires <= now) return { status: 409, code: 'link_not_open', early: true };
  const offered = link.shown.potential_payment_methods.includes(method);
  if (!offered || (method === 'ideal' && link.shown.amount.currency !== 'EUR'))
    return { status: 400, code: 'method_not_offered', early: true };
  if (!providerTakes(link, method)) return { status: 400, code: 'payment_refused', failed: true };
  const declined = outcome === 'paid' && method === 'credit_card' && failsByAmount(link.shown.amount);
  return { status: 201, outcome: declined ? 'failed' : outcome };
}

// Cancels what the provider can still cancel, then the link: {status, code}.
export function deactivate(link, now) {
  if (statusOf(link, now) === 'canceled') return { status: 200 };
  const inProcess = statusOf(link, now) === 'processing';
  if (inProcess) {
    for (const { shown } of link.payments)
      if (shown.status === 'pending' && ['credit_card',
        'apple_pay'].includes(shown.payment_method)) shown.status = 'canceled';
  }
  // A link whose payment was canceled for this is canceled, though its date may have passed.
  const status = statusOf(link, now);
  if (status !== 'open' && !(inProcess && status === 'expired')) return { status: 400, code: 'invalid_status' };
  link.canceled = true;
  return { status: 200 };
}

export function meta(page, size, total) {
  const pages = Math.ceil(total / size);
  const orNull = (number) => (number >= 1 && number <= pages ? number : null);
  return {
    current_page: page, next_page: orNull(page + 1), prev_page: orNull(page - 1),
    total_pages: pages, total_count: total, per_page: size,
  };
}

const compare = (a, b) => (a < b ? -1 : Number(a > b));
const orders = {
  amount: (a, b) => compare(a.minor, b.minor),
  expiration_date: (a, b) => compare(a.expires, b.expires),
};

// `links` in the order of their creation. The entries of the page, and how many there are on all pages.
export function listLinks(links, { statuses, sort, metadata, page, size }, now) {
  const [field, direction] = sort?.split(':') ?? [undefined, 'desc'];
  const found = links.filter((link) =>
    (statuses.length === 0 || statuses.includes(statusOf(link, now))) &&
    Object.entries(metadata).every(([name, value]) => link.shown.metadata?.[name] === value));
  if (field) found.sort(orders[field]);  // stable: equal ones stay in the order of creation
  if (direction === 'desc') found.reverse();
  return { entries: found.slice((page - 1) * size, page * size), total: found.length };
}

export function listPayments(link, { statuses, sort, page, size }) {
  const found = link.payments.filter(({ shown }) => statuses.length === 0 || statuses.includes(shown.status));
  if (sort !== 'creation_date:asc') found.reverse();
  return { entries: found.slice((page - 1) * size, page * size), total: found.length };
}
