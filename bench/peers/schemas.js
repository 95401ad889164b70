// The create body and its answer, compiled by Fastify into a validator and a serializer.

const method = { enum: ['credit_card', 'apple_pay', 'paypal', 'ideal'] };
const methods = { type: 'array', minItems: 1, maxItems: 4, uniqueItems: true, items: method };
const money = {
  type: 'object',
  required: ['value', 'currency'],
  properties: { value: { type: 'string' }, currency: { type: 'string', minLength: 3, maxLength: 3 } },
};
const item = {
  type: 'object',
  required: ['title', 'quantity', 'unit_price', 'vat_rate'],
  properties: {
    title: { type: 'string', minLength: 1, maxLength: 255 },
    type: { enum: ['good', 'service'] },
    description: { type: 'string', maxLength: 2000 },
    quantity: { type: 'number', exclusiveMinimum: 0, maximum: 999999999 },
    measure_unit: { type: 'string', maxLength: 64 },
    unit_price: money,
    vat_rate: { type: 'string' },
  },
};

export const createBody = {
  type: 'object',
  required: ['payment_link'],
  properties: {
    payment_link: {
      type: 'object',
      required: ['potential_payment_methods', 'items'],
      properties: {
        potential_payment_methods: methods,
        reusable: { type: 'boolean', default: false },
        items: { type: 'array', minItems: 1, maxItems: 500, items: item },
      },
    },
  },
};

const text = { type: 'string' };
const amount = { type: 'object', properties: { value: text, currency: text } };
const textOrNull = { type: ['string', 'null'] };

const link = {
  type: 'object',
  properties: {
    id: text,
    status: text,
    expiration_date: text,
    potential_payment_methods: { type: 'array', items: text },
    amount,
    resource_type: text,
    items: {
      type: 'array',
      nullable: true,
      items: {
        type: 'object',
        properties: { ...item.properties, type: text, unit_price: amount },
      },
    },
    reusable: { type: 'boolean' },
    invoice_id: textOrNull,
    invoice_number: textOrNull,
    debitor_name: textOrNull,
    created_at: text,
    url: text,
  },
};

export const createdAnswer = { type: 'object', properties: { payment_link: link } };

// The same fields once more under `payment_link`, as Paylink answers by default.
export const singleAnswer = { type: 'object', properties: { ...link.properties, payment_link: link } };

const count = { type: 'integer' };
const pageOrNull = { type: ['integer', 'null'] };

export const listAnswer = {
  type: 'object',
  properties: {
    payment_links: { type: 'array', items: link },
    meta: {
      type: 'object',
      properties: {
        current_page: count, next_page: pageOrNull, prev_page: pageOrNull, total_pages: count, total_count: count,
        per_page: count,
      },
    },
  },
};

export const listQuery = {
  type: 'object',
  properties: {
    page: { type: 'string', pattern: '^[1-9][0-9]{0,8}$', default: '1' },
    per_page: { type: 'string', pattern: '^([1-9][0-9]?|100)$', default: '100' },
  },
};

export const linkParams = {
  type: 'object',
  properties: { id: { type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' } },
};
