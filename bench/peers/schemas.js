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

export const createdAnswer = {
  type: 'object',
  properties: {
    payment_link: {
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
    },
  },
};
