// Peer (d): create, GET by id and the first page of the list by Fastify and pg on PostgreSQL, written as well as that
// stack allows: one process, 16 connections, named prepared statements sent without waiting for one another
// (pg's pipeline mode), compiled validation and serialization. A create is one durable transaction in two round trips:
// what it inserts depends on what it selected. The database is laid out by Paylink's own migrations.
//
//   node postgres_server.js URL MIGRATIONS_DIR      prints {"port":…,"authorization":"…"} once it serves
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { authenticate, fault, firstRows, linkUrl, newApp, newLink, seconds, serve } from './links.js';
import { decimalText, exponentOf } from './money.js';
import { createBody, createdAnswer, linkParams, listAnswer, listQuery, singleAnswer } from './schemas.js';

const [url, migrationsDir] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: url, max: 16, idleTimeoutMillis: 0, pipeline: true });
for (const name of readdirSync(migrationsDir).sort()) {
  if (name.endsWith('.sql')) await pool.query(readFileSync(join(migrationsDir, name), 'utf8'));
}

const first = firstRows();
await pool.query('INSERT INTO organizations (id, slug, name, created_at) VALUES ($1, $2, $3, $4)', first.organization);
await pool.query(`INSERT INTO connections (organization_id, id, provider, mode, status, api_key_sealed,
  bank_account_id, created_at) VALUES ($1, $2, 'mollie', 'test', 'enabled', $3, $4, $5)`, first.connection);

const statement = (name, text) => (values) => ({ name, text, values, rowMode: 'array' });
const columns = `id, resource_id, status, amount_minor, currency, methods, reusable, items, invoice_id, invoice_number,
  debitor_name, expiration_date, expires_effective_at, created_at`;
const connection = statement('connection', `SELECT 1 FROM connections
  WHERE organization_id = $1 AND status IN ('pending', 'enabled') AND status = 'enabled'`);
const insertLink = statement('insert_link', `INSERT INTO payment_links (organization_id, id, resource_id, status,
  amount_minor, currency, methods, reusable, items, invoice_id, invoice_number, debitor_name, expiration_date,
  expires_effective_at, canceled_at, created_at, updated_at)
  VALUES ($1, $2, $3, 'open', $4, $5, $6, $7, $8, NULL, NULL, NULL, $9, $9, NULL, $10, $10)`);
const insertEvent = statement('insert_event', `INSERT INTO outbox_events (organization_id, id, type, payload,
  created_at) VALUES ($1, $2, $3, $4, $5)`);
const selectLink = statement('select_link',
  `SELECT ${columns} FROM payment_links WHERE organization_id = $1 AND id = $2`);
const countLinks = statement('count_links', 'SELECT COUNT(*) FROM payment_links WHERE organization_id = $1');
const selectPage = statement('select_page',
  `SELECT ${columns} FROM payment_links WHERE organization_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3`);

// Runs `work` with a connection of its own, which is given up if it fails.
async function withClient(work) {
  const client = await pool.connect();
  try {
    const result = await work(client);
    client.release();
    return result;
  } catch (error) {
    client.release(error);
    throw error;
  }
}

const create = (row, event) => withClient(async (client) => {
  const [, found] = await Promise.all([client.query('BEGIN'), client.query(connection([row.organization]))]);
  if (found.rowCount === 0) {
    await client.query('ROLLBACK');
    return false;
  }
  await Promise.all([
    client.query(insertLink([row.organization, row.id, row.resource, row.minor, row.currency, row.methods,
      row.reusable, row.items, row.expires, row.created])),
    client.query(insertEvent([row.organization, event.id, 'v1/payment-links', event.payload, row.created])),
    client.query('COMMIT'),
  ]);
  return true;
});

const day = (microseconds) => seconds(new Date(Math.floor(Number(microseconds) / 1000)));

// A row as the API shows it: a link whose time is over has expired, whatever its row still says.
function readLink([id, resource, status, minor, currency, methods, reusable, items, invoice, number, debitor,
  expiration, expires, created], now) {
  return {
    id,
    status: status === 'open' && expires !== null && Number(expires) <= now * 1000 ? 'expired' : status,
    expiration_date: day(expiration),
    potential_payment_methods: methods.split(' '),
    amount: { value: decimalText(minor, exponentOf(currency)), currency },
    resource_type: items === null ? 'Invoice' : 'Basket',
    items: JSON.parse(items),
    reusable: reusable === 1,
    invoice_id: invoice,
    invoice_number: number,
    debitor_name: debitor,
    created_at: day(created),
    url: linkUrl(resource),
  };
}

const app = newApp();

app.post('/v2/payment_links', {
  schema: { body: createBody, response: { 201: createdAnswer } },
  onRequest: authenticate,
}, async (request, reply) => {
  const made = newLink(request.body.payment_link);
  if (!made) return fault(reply, 400, 'invalid', 'an amount is not acceptable');
  if (!(await create(made.row, made.event))) {
    return fault(reply, 400, 'invalid', 'connection with the provider does not exist');
  }
  return reply.code(201).send({ payment_link: made.link });
});

app.get('/v2/payment_links/:id', {
  schema: { params: linkParams, response: { 200: singleAnswer } },
  onRequest: authenticate,
}, async (request, reply) => {
  const { rows } = await pool.query(selectLink([request.caller.organization, request.params.id]));
  if (rows.length === 0) return fault(reply, 404, 'not_found', 'there is no such payment link');
  const link = readLink(rows[0], Date.now());
  return reply.send({ ...link, payment_link: link });
});

app.get('/v2/payment_links', {
  schema: { querystring: listQuery, response: { 200: listAnswer } },
  onRequest: authenticate,
}, async (request, reply) => {
  const { organization } = request.caller;
  const page = Number(request.query.page);
  const size = Number(request.query.per_page);
  const [counted, found] = await withClient((client) => Promise.all([
    client.query(countLinks([organization])),
    client.query(selectPage([organization, size, (page - 1) * size])),
  ]));
  const now = Date.now();
  const total = Number(counted.rows[0][0]);
  const pages = Math.ceil(total / size);
  const pageOrNull = (number) => (number >= 1 && number <= pages ? number : null);
  return reply.send({
    payment_links: found.rows.map((row) => readLink(row, now)),
    meta: {
      current_page: page, next_page: pageOrNull(page + 1), prev_page: pageOrNull(page - 1), total_pages: pages,
      total_count: total, per_page: size,
    },
  });
});

await serve(app, () => pool.end());
