// The same code, and the same refresh token, presented by many at the same moment: one of them gets tokens, and as
// there were others nobody keeps any. On PostgreSQL two nodes are asked. `N=` storms of each kind.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { times } from '../support/patience.mjs';
import { Server, engine } from './server.mjs';
import { Volley } from './volley.mjs';

const storms = times(1_000);
const presented = 100;  // in one storm
let server;
let node;
let owner;
let application;
let volley;

before(async () => {
  server = await Server.open();
  if (engine === 'postgres') node = await server.join();
  owner = await server.owner.signIn();
  application = server.ownApplication;
  volley = await Volley.open([server, node].filter(Boolean).map(({ port }) => port), presented);
});

after(async () => {
  volley?.close();
  await node?.stop();
  await server?.stop();
});

// Who won, of all who came with the same form; nobody else was told anything.
async function winner(form) {
  const answers = await volley.fire('/oauth2/token', form, `127.0.0.1:${server.port}`);
  const won = answers.filter(({ status }) => status === 200);
  assert.equal(won.length, 1, `${won.length} of ${answers.length} got tokens`);
  for (const { status, text } of answers)
    if (status !== 200) assert.deepEqual([status, JSON.parse(text).error], [400, 'invalid_grant']);
  return JSON.parse(won[0].text);
}

async function assertDead({ access_token: access, refresh_token: refresh }) {
  assert.equal((await server.call(access)).status, 401);
  const answer = await application.refresh(refresh);
  assert.deepEqual([answer.status, answer.json.error], [400, 'invalid_grant']);
}

test(`a code that ${presented} come with is exchanged once, and what it gave is dead`, async (context) => {
  const begun = Date.now();
  for (let i = 0; i < storms; i += 1) {
    const code = await owner.code(application);
    await assertDead(await winner(application.codeForm(code)));
  }
  context.diagnostic(`${storms} storms of ${presented} in ${Date.now() - begun} ms`);
});

test(`a refresh token that ${presented} come with is exchanged once, and its family is dead`, async (context) => {
  const begun = Date.now();
  for (let i = 0; i < storms; i += 1) {
    const first = await application.connect(owner);
    await assertDead(await winner(application.refreshForm(first.refresh)));
    assert.equal((await server.call(first.access)).status, 401, 'the access token from before');
  }
  context.diagnostic(`${storms} storms of ${presented} in ${Date.now() - begun} ms`);
});

test('refresh tokens of other families, in use meanwhile, are let alone', async () => {
  const families = await Promise.all(Array.from({ length: 10 }, () => application.connect(owner)));
  const struck = await application.connect(owner);
  const [won, ...others] = await Promise.all([
    winner(application.refreshForm(struck.refresh)),
    ...families.map(({ refresh }) => application.tokens(application.refresh(refresh))),
  ]);
  await assertDead(won);
  for (const { access, refresh } of others) {
    assert.equal((await server.call(access)).status, 200);
    await application.tokens(application.refresh(refresh));
  }
});
