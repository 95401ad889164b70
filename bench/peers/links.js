// What both Fastify peers do around their databases: who calls, what a new link is, and what an answer holds.
import { createHmac, randomBytes } from 'node:crypto';
import fastify from 'fastify';
import { uuidText, uuidV4, uuidV7 } from './ids.js';
import { decimalText, grossTotal } from './money.js';

export const organization = uuidV7(Date.now());
const organizationText = uuidText(organization);
export const authorization = `bench:${randomBytes(32).toString('base64url')}`;

const pepper = randomBytes(32);
const hashOf = (key) => createHmac('sha256', pepper).update(key).digest('hex');
// Keys are looked up through a cache of their hashes, as Paylink does.
const keys = new Map([[hashOf(authorization), { organization, scopes: 'payment_link.write' }]]);

export const newApp = () =>
  fastify({ logger: false, ajv: { customOptions: { coerceTypes: false, removeAdditional: false } } });

export const fault = (reply, status, code, detail) => reply.code(status).send({ errors: [{ code, detail }] });

export function authenticate(request, reply, done) {
  const key = request.headers.authorization;
  request.caller = key && keys.get(hashOf(key));
  if (!request.caller) fault(reply, 401, 'unauthorized', 'the API key is not known');
  else done();
}

// The organization and its enabled connection, as values of the rows that every peer begins with.
export function firstRows() {
  const now = Date.now() * 1000;
  return {
    organization: [organization, 'bench', 'Bench', now],
    connection: [organization, uuidV7(Date.now()), randomBytes(64), uuidV7(Date.now()), now],
  };
}

function oneYearAfter(date) {
  const later = new Date(date);
  later.setUTCFullYear(date.getUTCFullYear() + 1);
  if (later.getUTCMonth() !== date.getUTCMonth()) later.setUTCDate(0); // 29 February
  return later;
}

export const seconds = (date) => `${date.toISOString().slice(0, 19)}Z`;
export const linkUrl = (resource) => `http://127.0.0.1:8080/${organizationText}?resource_id=${resource}`;

// The answer, the row and the event of the link that was asked for; null when its amount is not acceptable.
export function newLink(sent) {
  const total = grossTotal(sent.items);
  if (!total) return null;
  const date = new Date();
  const expiration = oneYearAfter(date);
  const id = uuidV7(date.getTime());
  const resource = uuidV4();
  const link = {
    id: uuidText(id),
    status: 'open',
    expiration_date: seconds(expiration),
    potential_payment_methods: sent.potential_payment_methods,
    amount: { value: decimalText(total.minor, total.exponent), currency: total.currency },
    resource_type: 'Basket',
    items: sent.items,
    reusable: sent.reusable,
    invoice_id: null,
    invoice_number: null,
    debitor_name: null,
    created_at: seconds(date),
    url: linkUrl(uuidText(resource)),
  };
  const row = {
    organization, id, resource, minor: Number(total.minor), currency: total.currency,
    methods: sent.potential_payment_methods.join(' '), reusable: sent.reusable ? 1 : 0,
    items: JSON.stringify(sent.items), expires: expiration.getTime() * 1000, created: date.getTime() * 1000,
  };
  const payload = JSON.stringify({
    event: 'created', status: link.status, payment_link_id: link.id, amount: link.amount,
    potential_payment_methods: link.potential_payment_methods, resource_id: link.id,
    resource_type: link.resource_type, resource_metadata: {}, expired_at: link.expiration_date,
    created_at: link.created_at, updated_at: link.created_at,
  });
  return { link, row, event: { id: uuidV7(date.getTime()), payload } };
}

// Prints what the benchmark waits for.
export async function serve(app, close) {
  process.on('SIGTERM', async () => {
    await app.close();
    await close();
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address();
  console.log(JSON.stringify({ port, authorization, organization: organizationText }));
}
