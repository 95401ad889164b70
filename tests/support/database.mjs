// A database of its own on the cluster of `tools/postgres run`, looked at as its superuser: past the walls between
// organizations.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';

import { root } from './sandbox_process.mjs';

const run = promisify(execFile);

async function psql(database, sql) {
  const words = ['psql', '-d', database, '-A', '-t', '-q', '-c', sql];
  const { stdout } = await run(path.join(root, 'tools/postgres'), words, { maxBuffer: 64 << 20 });
  return stdout;
}

export class Database {
  static async create() {
    if (!process.env.PAYLINK_POSTGRES)
      throw new Error('These tests need a PostgreSQL: tools/postgres run COMMAND');
    const database = new this();
    database.name = `test_${randomBytes(6).toString('hex')}`;
    await psql('postgres', `CREATE DATABASE ${database.name} OWNER paylink`);
    return database;
  }

  get url() {
    const url = new URL(process.env.PAYLINK_POSTGRES);
    url.pathname = `/${this.name}`;
    return url.href;
  }

  execute(sql) {
    return psql(this.name, sql);
  }

  // Each row an object.
  async rows(select) {
    const text = await psql(this.name, `SELECT COALESCE(json_agg(one), '[]') FROM (${select}) AS one`);
    return JSON.parse(text);
  }

  async number(select) {
    return Number(await psql(this.name, select));
  }

  async drop() {
    await psql('postgres', `DROP DATABASE IF EXISTS ${this.name} WITH (FORCE)`);
  }
}
