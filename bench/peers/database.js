// The SQLite database of the Fastify peers: laid out by Paylink's own migrations, so that rows and indexes are the
// same, with the same settings and prepared statements.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

export function openDatabase(dataDir, migrationsDir, first) {
  const db = new Database(join(dataDir, 'peer.db'));
  for (const setting of ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON', 'wal_autocheckpoint = 1000',
    'journal_size_limit = 67108864', 'cache_size = -8192', 'temp_store = MEMORY']) db.pragma(setting);
  for (const name of readdirSync(migrationsDir).sort()) {
    if (name.endsWith('.sql')) db.exec(readFileSync(join(migrationsDir, name), 'utf8'));
  }
  db.prepare('INSERT INTO organizations (id, slug, name, created_at) VALUES (?, ?, ?, ?)').run(first.organization);
  db.prepare(`INSERT INTO connections (organization_id, id, provider, mode, status, api_key_sealed, bank_account_id,
    created_at) VALUES (?, ?, 'mollie', 'test', 'enabled', ?, ?, ?)`).run(first.connection);
  return db;
}

// Stores one link and its event within a transaction; false when the merchant has no connection.
export function linkStore(db) {
  const connection = db.prepare(`SELECT id FROM connections WHERE organization_id = ? AND status = 'enabled'`);
  const insertLink = db.prepare(`INSERT INTO payment_links (organization_id, id, resource_id, status, amount_minor,
    currency, methods, reusable, items, invoice_id, invoice_number, debitor_name, expiration_date, expires_effective_at,
    canceled_at, created_at, updated_at)
    VALUES (?, ?, ?, 'open', ?, ?, ?, ?, ?, NULL, NULL, NULL, ?, ?, NULL, ?, ?)`);
  const insertEvent = db.prepare(`INSERT INTO outbox_events (organization_id, id, type, payload, created_at)
    VALUES (?, ?, ?, ?, ?)`);
  return (row, event) => {
    if (!connection.get(row.organization)) return false;
    insertLink.run(row.organization, row.id, row.resource, row.minor, row.currency, row.methods, row.reusable,
      row.items, row.expires, row.expires, row.created, row.created);
    insertEvent.run(row.organization, event.id, 'v1/payment-links', event.payload, row.created);
    return true;
  };
}
