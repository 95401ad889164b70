// Peer (a): the durable create of a payment link by Fastify and better-sqlite3, written as well as that stack
// allows: one process, prepared statements, compiled validation and serialization, one durable transaction a
// request. It lays out its database with Paylink's own migration, so that rows and indexes are the same.
//
//   node server.js DATA_DIR MIGRATIONS_DIR      prints {"port":…,"authorization":"…"} once it serves
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fastify from 'fastify';
import { uuidText, uuidV4, uuidV7 } from './ids.js';
import { decimalText, grossTotal } from './money.js';
import { createBody, createdAnswer } from './schemas.js';

const [dataDir, migrationsDir] = process.argv.slice(2);
const db = new Database(join(dataDir, 'peer.db'));
for (const setting of ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON', 'wal_autocheckpoint = 1000',
  'journal_size_limit = 67108864', 'cache_size = -8192', 'temp_store = MEMORY']) db.pragma(setting);
for (const name of readdirSync(migrationsDir).sort()) {
  if (name.endsWith('.sql')) db.exec(readFileSync(join(migrationsDir, name), 'utf8'));
}

const organization = uuidV7(Date.now());
const organizationText = uuidText(organization);
const pepper = randomBytes(32);
const authorization = `bench:${randomBytes(32).toString('base64url')}`;
const hashOf = (key) => createHmac('sha256', pepper).update(key).digest('hex');
// Keys are looked up through a cache of their hashes, as Paylink does.
const keys = new Map([[hashOf(authorization), { organization, scopes: 'payment_link.write' }]]);

const now = Date.now() * 1000;
db.prepare('INSERT INTO organizations (id, slug, name, created_at) VALUES (?, ?, ?, ?)')
  .run(organization, 'bench', 'Bench', now);
db.prepare(`INSERT INTO connections (organization_id, id, provider, mode, status, api_key_sealed, bank_account_id,
  created_at) VALUES (?, ?, 'mollie', 'test', 'enabled', ?, ?, ?)`)
  .run(organization, uuidV7(Date.now()), randomBytes(64), uuidV7(Date.now()), now);

const connection = db.prepare(`SELECT id FROM connections WHERE organization_id = ? AND status = 'enabled'`);
const insertLink = db.prepare(`INSERT INTO payment_links (organization_id, id, resource_id, status, amount_minor,
  currency, methods, reusable, items, invoice_id, invoice_number, debitor_name, expiration_date, expires_effective_at,
  canceled_at, created_at, updated_at)
  VALUES (?, ?, ?, 'open', ?, ?, ?, ?, ?, NULL, NULL, NULL, ?, ?, NULL, ?, ?)`);
const insertEvent = db.prepare(`INSERT INTO outbox_events (organization_id, id, type, payload, created_at)
  VALUES (?, ?, ?, ?, ?)`);

const create = db.transaction((link, row, event) => {
  if (!connection.get(row.organization)) return false;
  insertLink.run(row.organization, row.id, row.resource, row.minor, link.amount.currency, row.methods,
    link.reusable ? 1 : 0, row.items, row.expires, row.expires, row.created, row.created);
  insertEvent.run(row.organization, event.id, 'v1/payment-links', event.payload, row.created);
  return true;
});

function oneYearAfter(date) {
  const later = new Date(date);
  later.setUTCFullYear(date.getUTCFullYear() + 1);
  if (later.getUTCMonth() !== date.getUTCMonth()) later.setUTCDate(0); // 29 February
  return later;
}
const seconds = (date) => `${date.toISOString().slice(0, 19)}Z`;
const fault = (reply, status, code, detail) => reply.code(status).send({ errors: [{ code, detail }] });

const app = fastify({ logger: false, ajv: { customOptions: { coerceTypes: false, removeAdditional: false } } });

app.post('/v2/payment_links', {
  schema: { body: createBody, response: { 201: createdAnswer } },
  onRequest: (request, reply, done) => {
    const key = request.headers.authorization;
    request.caller = key && keys.get(hashOf(key));
    if (!request.caller) fault(reply, 401, 'unauthorized', 'the API key is not known');
    else done();
  },
}, (request, reply) => {
  const sent = request.body.payment_link;
  const total = grossTotal(sent.items);
  if (!total) return fault(reply, 400, 'invalid', 'an amount is not acceptable');

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
    url: `http://127.0.0.1:8080/${organizationText}?resource_id=${uuidText(resource)}`,
  };
  const row = {
    organization, id, resource, minor: Number(total.minor), methods: sent.potential_payment_methods.join(' '),
    items: JSON.stringify(sent.items), expires: expiration.getTime() * 1000, created: date.getTime() * 1000,
  };
  const payload = JSON.stringify({
    event: 'created', status: link.status, payment_link_id: link.id, amount: link.amount,
    potential_payment_methods: link.potential_payment_methods, resource_id: link.id,
    resource_type: link.resource_type, resource_metadata: {}, expired_at: link.expiration_date,
    created_at: link.created_at, updated_at: link.created_at,
  });
  if (!create.immediate(link, row, { id: uuidV7(date.getTime()), payload })) {
    return fault(reply, 400, 'invalid', 'connection with the provider does not exist');
  }
  reply.code(201).send({ payment_link: link });
});

process.on('SIGTERM', async () => {
  await app.close();
  db.close();
});
await app.listen({ host: '127.0.0.1', port: 0 });
console.log(JSON.stringify({ port: app.server.address().port, authorization }));
