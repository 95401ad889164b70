// Valid bodies of POST /v2/payment_links, and what is wrong with one once it was changed in one or two places.

import fc from 'fast-check';
import { allMethods, basketTotal, exponents, printed } from './model.mjs';
import { lines, plain, refused } from './naughty.mjs';

const text = fc.oneof({ weight: 3, arbitrary: fc.constantFrom('T-shirt', 'Evening course', 'Ada') },
  { weight: 4, arbitrary: fc.constantFrom(...plain) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...plain),
    fc.constantFrom(...plain)).map((both) => both.join(' ')).filter((both) => [...both].length <= 255) });

// Most amounts are below what the provider takes.
const minor = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 90_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(799_999, 800_000, 800_001, 1_000_000, 1_000_001, 5_000_001, 99_999_999) });

const currency = fc.oneof({ weight: 8, arbitrary: fc.constant('EUR') },
  { weight: 3, arbitrary: fc.constantFrom('USD', 'JPY', 'TND') });

// "10.90" may be sent as "10.9" too.
function decimal(units, exponent, short) {
  const whole = printed(units, exponent);
  return short && whole.endsWith('0') && exponent > 1 ? whole.slice(0, -1) : whole;
}

const item = fc.record({
  title: text,
  type: fc.constantFrom('good', 'service', null),
  description: fc.option(fc.oneof({ weight: 1, arbitrary: fc.constant('') }, { weight: 4, arbitrary: text },
    { weight: 1, arbitrary: fc.constantFrom('Two lines\r\n\tof many\n', ...lines) })),
  quantity: fc.constantFrom(1, 1, 1, 2, 3, 1.5, 0.25, 0.333333, 12),
  measure_unit: fc.option(text.filter((value) => [...value].length <= 64)),
  minor,
  short: fc.boolean(),
  vat_rate: fc.constantFrom('0', '21.0', '10', '5.5', '20.00', '7.7', '19', '0.0001', '100', '33.3333'),
  surprise: fc.constantFrom(0, 0, 0, 1),
});

const methods = fc.shuffledSubarray(allMethods, { minLength: 1 });
const names = fc.constantFrom('order', 'campaign', 'a.b', 'x-1', 'constructor', 'toString', 'Z_9');
const metadata = fc.oneof(fc.constant(undefined), fc.constant(null), fc.constant({}),
  fc.dictionary(names, fc.oneof(fc.constantFrom('', 'a', 'b'), text), { maxKeys: 4 })
    .map((pairs) => ({ ...pairs })));

// From now on, in seconds; absent: a year.
const lifetime = fc.oneof({ weight: 5, arbitrary: fc.constant(null) },
  { weight: 4, arbitrary: fc.constantFrom(90, 3_700, 86_500, 3_400_000, 95_000_000) });

const basket = fc.record({
  kind: fc.constant('basket'), methods, reusable: fc.constantFrom(undefined, null, false, true, true),
  currency, items: fc.array(item, { minLength: 1, maxLength: 4 }), discount: fc.constantFrom(false, false, true),
    metadata, lifetime, dateForm: fc.nat(4),
});
const invoice = fc.record({
  kind: fc.constant('invoice'), methods, invoice_id: fc.uuid(), invoice_number: text, debitor_name: text, currency,
    minor,
  short: fc.boolean(), metadata, lifetime, dateForm: fc.nat(4),
});
export const draft = fc.oneof({ weight: 3, arbitrary: basket }, { weight: 2, arbitrary: invoice });

function sentItem({ minor: units, short, surprise, ...rest }, code) {
  const sent = { ...rest, unit_price: { value: decimal(units, exponents[code], short), currency: code } };
  if (surprise) sent.colour = { nobody: ['knows', 'it'] };
  return sent;
}

// The same second in all the forms that are taken.
const shifted = (time, hours, zone) => `${new Date(time + hours * 3_600_000).toISOString().slice(0, 19)}${zone}`;
const dateForms = [
  (time) => shifted(time, 0, 'Z'), (time) => shifted(time, 0, '.999Z'), (time) => shifted(time, 2, '+02:00'),
  (time) => shifted(time, -5.5, '.5-05:30'), (time) => shifted(time, 0, '+00:00'),
];

// What is sent, as the value of `payment_link`.
export function bodyOf(made, now) {
  const common = { potential_payment_methods: [...made.methods] };
  if (made.currency !== 'EUR' && made.methods.join() === 'ideal') common.potential_payment_methods.push('paypal');
  if (made.metadata !== undefined) common.metadata = made.metadata;
  // To the minute: links that end one by one would leave no moment at which the model is sure of them all.
  const end = Math.ceil((now + made.lifetime * 1000) / 60_000) * 60_000;
  if (made.lifetime) common.expiration_date = dateForms[made.dateForm](end);
  if (made.kind === 'invoice') {
    const { invoice_id, invoice_number, debitor_name } = made;
    const amount = { value: decimal(made.minor, exponents[made.currency], made.short), currency: made.currency };
    return { invoice_id, invoice_number, debitor_name, amount, ...common };
  }
  const items = made.items.map((one) => sentItem(one, made.currency));
  // Cheap things may round to nothing, and a discount must leave something to pay.
  if (basketTotal(items) <= 0n) items[0] = { ...items[0], quantity: 1, unit_price: { value: '1',
    currency: made.currency } };
  if (made.discount && basketTotal(items) > 1n) {
    const off = decimal(basketTotal(items) / 2n, exponents[made.currency], false);
    items.push({ title: 'Discount', quantity: 1, vat_rate: '0', unit_price: { value: `-${off}`,
      currency: made.currency } });
  }
  return { ...common, items, ...(made.reusable === undefined ? {} : { reusable: made.reusable }) };
}

const long = (length) => '€'.repeat(length);
const set = (name, value) => (link) => { link[name] = value; };
const unset = (name) => (link) => { delete link[name]; };
const setItem = (name, value) => (link) => { link.items[0][name] = value; };
const unsetItem = (name) => (link) => { delete link.items[0][name]; };
const setPrice = (name, value) => (link) => { link.items[0].unit_price[name] = value; };
const setAmount = (name, value) => (link) => { link.amount[name] = value; };
const setMetadata = (pairs) => (link) => { link.metadata = pairs; };
const many = Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, 'v']));

// [kind, where, what is done, the code, the pointer below /payment_link when it is another one]. A kind's places are
// in the order in which faults are reported.
const table = [
  ['basket', 'potential_payment_methods', unset('potential_payment_methods'), 'missing_field'],
  ['basket', 'potential_payment_methods', set('potential_payment_methods', null), 'invalid_type'],
  ['basket', 'potential_payment_methods', set('potential_payment_methods', 'ideal'), 'invalid_type'],
  ['basket', 'potential_payment_methods', set('potential_payment_methods', []), 'out_of_range'],
  ['basket', 'potential_payment_methods', set('potential_payment_methods', ['cash']), 'not_in_list',
    '/potential_payment_methods/0'],
  ['basket', 'potential_payment_methods', set('potential_payment_methods', ['paypal', 7]), 'invalid_type',
    '/potential_payment_methods/1'],
  ['basket', 'potential_payment_methods', set('potential_payment_methods', ['paypal', 'paypal']), 'invalid',
    '/potential_payment_methods/1'],
  ['basket', 'reusable', set('reusable', 'true'), 'invalid_type'],
  ['basket', 'reusable', set('reusable', 1), 'invalid_type'],
  ['basket', 'items/0/title', unsetItem('title'), 'missing_field'],
  ['basket', 'items/0/title', setItem('title', null), 'invalid_type'],
  ['basket', 'items/0/title', setItem('title', ''), 'out_of_range'],
  ['basket', 'items/0/title', setItem('title', long(256)), 'out_of_range'],
  ['basket', 'items/0/type', setItem('type', 'goods'), 'not_in_list'],
  ['basket', 'items/0/type', setItem('type', true), 'invalid_type'],
  ['basket', 'items/0/description', setItem('description', long(2001)), 'out_of_range'],
  ['basket', 'items/0/description', setItem('description', ['x']), 'invalid_type'],
  ['basket', 'items/0/quantity', unsetItem('quantity'), 'missing_field'],
  ['basket', 'items/0/quantity', setItem('quantity', '1'), 'invalid_type'],
  ['basket', 'items/0/quantity', setItem('quantity', 0), 'out_of_range'],
  ['basket', 'items/0/quantity', setItem('quantity', -1), 'out_of_range'],
  ['basket', 'items/0/quantity', setItem('quantity', 1_000_000_000), 'out_of_range'],
  ['basket', 'items/0/quantity', setItem('quantity', 0.0000001), 'invalid_format'],
  ['basket', 'items/0/measure_unit', setItem('measure_unit', long(65)), 'out_of_range'],
  ['basket', 'items/0/unit_price', unsetItem('unit_price'), 'missing_field'],
  ['basket', 'items/0/unit_price', setItem('unit_price', '1.00'), 'invalid_type'],
  ['basket', 'items/0/unit_price', setPrice('value', 1), 'invalid_type', '/items/0/unit_price/value'],
  ['basket', 'items/0/unit_price', setPrice('value', '1,00'), 'invalid_format', '/items/0/unit_price/value'],
  ['basket', 'items/0/unit_price', setPrice('value', '1.00001'), 'invalid_format', '/items/0/unit_price/value'],
  ['basket', 'items/0/unit_price', setPrice('value', '1000000000000'), 'out_of_range', '/items/0/unit_price/value'],
  ['basket', 'items/0/unit_price', setPrice('currency', 'eur'), 'not_in_list', '/items/0/unit_price/currency'],
  ['basket', 'items/0/unit_price', setPrice('currency', 'XAU'), 'not_in_list', '/items/0/unit_price/currency'],
  ['basket', 'items/0/vat_rate', unsetItem('vat_rate'), 'missing_field'],
  ['basket', 'items/0/vat_rate', setItem('vat_rate', 21), 'invalid_type'],
  ['basket', 'items/0/vat_rate', setItem('vat_rate', '21%'), 'invalid_format'],
  ['basket', 'items/0/vat_rate', setItem('vat_rate', '100.0001'), 'out_of_range'],
  ['basket', 'items/0/vat_rate', setItem('vat_rate', '-1'), 'out_of_range'],
  ['basket', 'items', set('items', []), 'out_of_range'],
  ['basket', 'items', set('items', {}), 'invalid_type'],
  ['basket', 'items', set('items', [7]), 'invalid_type', '/items/0'],
  ['invoice', 'invoice_id', set('invoice_id', 'x'), 'invalid_format'],
  ['invoice', 'invoice_id', set('invoice_id', 7), 'invalid_type'],
  ['invoice', 'invoice_number', unset('invoice_number'), 'missing_field'],
  ['invoice', 'invoice_number', set('invoice_number', 42), 'invalid_type'],
  ['invoice', 'invoice_number', set('invoice_number', ''), 'out_of_range'],
  ['invoice', 'invoice_number', set('invoice_number', long(256)), 'out_of_range'],
  ['invoice', 'debitor_name', unset('debitor_name'), 'missing_field'],
  ['invoice', 'debitor_name', set('debitor_name', null), 'invalid_type'],
  ['invoice', 'debitor_name', set('debitor_name', long(256)), 'out_of_range'],
  ['invoice', 'amount', unset('amount'), 'missing_field'],
  ['invoice', 'amount', set('amount', 100), 'invalid_type'],
  ['invoice', 'amount', setAmount('value', '0'), 'out_of_range', '/amount/value'],
  ['invoice', 'amount', setAmount('value', '-1'), 'out_of_range', '/amount/value'],
  ['invoice', 'amount', setAmount('value', 'x'), 'invalid_format', '/amount/value'],
  ['invoice', 'amount', setAmount('value', 5), 'invalid_type', '/amount/value'],
  ['invoice', 'amount', setAmount('currency', 'EURO'), 'not_in_list', '/amount/currency'],
  ['invoice', 'potential_payment_methods', unset('potential_payment_methods'), 'missing_field'],
  ['invoice', 'potential_payment_methods', set('potential_payment_methods', {}), 'invalid_type'],
  ['invoice', 'potential_payment_methods', set('potential_payment_methods', [null]), 'invalid_type',
    '/potential_payment_methods/0'],
  ['both', 'expiration_date', set('expiration_date', 'tomorrow'), 'invalid_format'],
  ['both', 'expiration_date', set('expiration_date', '2027-02-30T00:00:00Z'), 'invalid_format'],
  ['both', 'expiration_date', set('expiration_date', 1), 'invalid_type'],
  ['both', 'metadata', setMetadata([]), 'invalid_type'],
  ['both', 'metadata', setMetadata('x'), 'invalid_type'],
  ['both', 'metadata', setMetadata(many), 'out_of_range'],
  ['both', 'metadata', setMetadata({ order: 7 }), 'invalid_type', '/metadata/order'],
  ['both', 'metadata', setMetadata({ order: long(501) }), 'out_of_range', '/metadata/order'],
  ['both', 'metadata', setMetadata({ 'a b': 'x' }), 'invalid_format', '/metadata/a b'],
  ['both', 'metadata', setMetadata({ 'a/b~': 'x' }), 'invalid_format', '/metadata/a~1b~0'],
  ...refused.flatMap((value) => [
    ['basket', 'items/0/title', setItem('title', value), 'invalid_format'],
    ...lines.includes(value) ? []
      : [['basket', 'items/0/description', setItem('description', value), 'invalid_format']],
    ['basket', 'items/0/measure_unit', setItem('measure_unit', value), 'invalid_format'],
    ['invoice', 'invoice_number', set('invoice_number', value), 'invalid_format'],
    ['invoice', 'debitor_name', set('debitor_name', value), 'invalid_format'],
    ['both', 'metadata', setMetadata({ order: value }), 'invalid_format', '/metadata/order'],
  ]),
].map(([kind, where, apply, code, pointer], rank) => ({ kind, where, apply, rank, code,
  pointer: `/payment_link${pointer ?? `/${where}`}` }));

const rankOf = (kind, where) => table.findIndex((row) => row.kind === kind && row.where === where);

const choose = (kind) => {
  const usable = table.filter((row) => row.kind === kind || row.kind === 'both');
  return fc.tuple(fc.constantFrom(...usable), fc.option(fc.constantFrom(...usable)))
    .map(([first, second]) => {
      const apart = second && first.where !== second.where && first.where !== 'items' && second.where !== 'items';
      const chosen = apart ? [first, second] : [first];
      return chosen.sort((a, b) => rankOf(a.kind, a.where) - rankOf(b.kind, b.where));
    });
};

// {draft, mutations}: a mutation is {apply, code, pointer}.
export const spoiled = fc.oneof(
  fc.record({ draft: basket, mutations: choose('basket') }), fc.record({ draft: invoice,
    mutations: choose('invoice') }));

// Bodies that are wrong as a whole: [sent, status, code, pointer].
export const wholes = [
  ['', 400, 'malformed_json'], ['{', 400, 'malformed_json'], ['{"payment_link":{},}', 400, 'malformed_json'],
  ['{"payment_link":{},"payment_link":{}}', 400, 'malformed_json', '/payment_link'], ['\ufeff{}', 400,
    'malformed_json'],
  [`${'['.repeat(40)}${']'.repeat(40)}`, 400, 'malformed_json'], ['{"a":"\ud800"', 400, 'malformed_json'],
  ['[]', 400, 'invalid_type'], ['null', 400, 'invalid_type'], ['"x"', 400, 'invalid_type'],
  ['{}', 400, 'missing_field', '/payment_link'], ['{"payment_link":[]}', 400, 'invalid_type', '/payment_link'],
  ['{"payment_link":null}', 400, 'invalid_type', '/payment_link'],
];
