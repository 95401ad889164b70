// However a token ends, it is refused a second later by every node that is being asked with it: one on SQLite, three on
// PostgreSQL. Each node has some who go on asking, and the first is where it ends.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { ask } from '../support/ask.mjs';
import { Use, assertEndsWithinASecond } from '../support/use.mjs';
import { Server, engine } from './server.mjs';

const uri = 'https://shop.example/callback';
const scopes = ['payment_link.read', 'offline_access'];
const target = '/v2/payment_links?per_page=1';
const askers = 4;  // of each node
let server;
let nodes = [];

before(async () => {
  server = await Server.open();
  nodes = [server];
  if (engine === 'postgres') nodes.push(await server.join(), await server.join());
});

after(async () => {
  await Promise.all(nodes.slice(1).map((node) => node.stop()));
  await server?.stop();
});

// In use on all nodes.
function use(access) {
  const headers = { host: `127.0.0.1:${server.port}`, authorization: `Bearer ${access}` };
  return nodes.flatMap(({ port }) => Array.from({ length: askers }, () =>
    Use.begin(async (agent) => (await ask(port, 'GET', target, { headers, agent })).status)));
}

const refused = async (asked) => assert.equal((await asked).json.error, 'invalid_grant');
const done = async (asked, status) => assert.equal((await asked).status, status);

const ends = {
  'is given back': ({ shop, tokens }) => done(shop.revoke(tokens.access), 200),
  'has a family that is given back': ({ shop, tokens }) => done(shop.revoke(tokens.refresh), 200),
  'has a refresh token that comes again': async ({ shop, tokens }) => {
    await shop.tokens(shop.refresh(tokens.refresh));
    await refused(shop.refresh(tokens.refresh));
  },
  'comes of a code that comes again': ({ shop, code }) => refused(shop.exchange(code)),
  'is taken back with its permission': ({ tokens }) =>
    done(server.call(tokens.access, 'DELETE', '/v2/oauth2/consents'), 204),
  'is an application\'s that is deleted': ({ shop }) => server.operate('clients', 'delete', shop.id),
  'is a member\'s who leaves': ({ email }) => server.operate('users', 'remove', email),
};

for (const [i, [how, end]] of Object.entries(ends).entries())
  test(`a token that ${how} is refused within a second by all nodes under load`, async (context) => {
    const email = `ada-${i}@acme.example`;
    const ada = await (await server.addPerson({ email, role: 'manager' })).signIn();
    const shop = await server.addApplication({ name: `Shop ${i}`, uris: [uri], scopes });
    const code = await ada.code(shop);
    const tokens = await shop.tokens(shop.exchange(code));
    const late = await assertEndsWithinASecond(use(tokens.access), () => end({ shop, tokens, code, email }));
    context.diagnostic(`served for at most ${Math.max(...late)} ms longer`);
  });
