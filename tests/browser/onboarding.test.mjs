// An owner connects an account at the provider in a real browser: `paylink serve`, whose provider is the simulator of
// the sandbox beside it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

import { binary, endChild, startChild } from '../support/sandbox_process.mjs';
import { Visitor, browser, sandbox, started } from './sandbox.mjs';

const key = 'test_Kq3vRz8nTw1bYx6m', otherKey = 'test_Ph5cLd9sGj2fWn7k';
const shop = 'https://shop.example.com';
let folder, server, baseUrl, installed;

async function freePort() {
  const listener = net.createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
}

async function isReady() {
  for (let tries = 0; tries < 500; ++tries) {
    if ((await fetch(`${baseUrl}/readyz`).catch(() => ({}))).ok) return;
    await sleep(20);
  }
  throw new Error('paylink serve was not ready within 10 s');
}

before(async () => {
  const [{ ready }] = await started;
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'paylink-test-'));
  const where = ['--data-dir', path.join(folder, 'data'), '--key-file', path.join(folder, 'key')];
  const { stdout } = await promisify(execFile)(binary, ['init', ...where, '--name', 'Acme', '--slug', 'acme', '--email',
    'owner@acme.example', '--iban', 'FR7716798000010000000000103', '--bic', 'TRZOFR21XXX']);
  installed = JSON.parse(stdout);
  const port = await freePort();
  baseUrl = `http://127.0.0.1:${port}`;
  server = startChild(binary, ['serve', ...where, '--listen', `127.0.0.1:${port}`, '--public-url', baseUrl,
    '--mollie-url', ready.simulator_url, '--mollie-client-id', 'app_Wn4kTz7pQe2vLs9d'],
  { stdio: 'ignore', env: { ...process.env, PAYLINK_MOLLIE_CLIENT_SECRET: 'Hx8mJb3rYc6wFg1tNq5u' } });
  await isReady();
});

after(async () => {
  if (server) await endChild(server);
  if (folder) await fs.rm(folder, { recursive: true, force: true });
});

async function call(method, where, body) {
  const response = await fetch(baseUrl + where, {
    method,
    headers: {
      authorization: `${installed.api_key.login}:${installed.api_key.secret_key}`,
      'content-type': 'application/json',
    },
    body: body && JSON.stringify(body),
  });
  return response.json();
}

const connections = '/v2/payment_links/connections';

async function begin() {
  const { connection_location: page } = await call('POST', connections, {
    partner_callback_url: `${shop}/settings`,
    user_bank_account_id: installed.bank_account_id,
    user_phone_number: '+31612345678',
    user_website_url: shop,
  });
  return page;
}

async function pageNow() {
  return (await call('GET', connections)).connection_location;
}

async function status() {
  return (await call('GET', connections)).status;
}

// Of all our pages, one sets a cookie; the shop is the only other site, and answers here.
class Owner extends Visitor {
  get origins() {
    return [baseUrl, shop, this.sandbox.ready.simulator_url];
  }

  // The simulator's form leads back to whoever asked to be allowed in.
  formsLeadTo(response) {
    return response.url().includes('/oauth2/authorize') ? `'self' ${baseUrl}` : "'self'";
  }

  mayHaveCookie(response) {
    return new URL(response.url()).pathname === '/sign-in';
  }

  judge(response) {
    if (!response.url().startsWith(shop)) super.judge(response);
  }

  // Through the sign-in page to that page.
  async enter(address) {
    const page = { contentType: 'text/html', body: '<h1>Shop</h1>' };
    await this.context.route(`${shop}/**`, (route) => route.fulfill(page));
    await this.page.goto(address);
    await this.page.getByLabel('E-mail address').fill(installed.user.email);
    await this.page.getByLabel('Password').fill(installed.user.password);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
    await this.page.waitForURL(address);
  }

  async show(typed) {
    await this.page.getByLabel('API key of Mollie').fill(typed);
    await this.page.getByRole('button', { name: 'Check the key' }).click();
  }
}

async function visit(options, steps) {
  const owner = await Owner.come(browser, sandbox, options);
  await steps(owner, owner.page);
  await owner.leave();
}

async function disconnect(owner, page) {
  await page.goto(await pageNow());
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await owner.heading('Acme is not connected to Mollie');
  assert.equal(await status(), 'disabled');
}

const phone = { width: 360, height: 740, hasTouch: true, isMobile: true };

for (const [name, options] of Object.entries({
  'with script': {}, 'without script': { script: false }, 'on a phone': { ...phone, script: false } }))
  test(`an account is connected, and disconnected, ${name}`, async () => {
    const address = await begin();
    await visit(options, async (owner, page) => {
      await owner.enter(address);
      await owner.heading('Connect Acme to Mollie');
      await owner.show('live_Kq3vRz8nTw1bYx6m');
      await page.getByText('Mollie does not accept this key.').waitFor();
      assert.equal(await page.getByLabel('API key of Mollie').inputValue(), '');
      await owner.show(otherKey);
      await page.getByRole('heading', { name: 'Is this who shall be paid?' }).waitFor();
      const other = await page.getByText(/^pfl_/).textContent();
      await page.getByRole('button', { name: 'Use another key' }).click();
      await owner.show(key);
      const shown = await page.getByText(/^pfl_/).textContent();
      assert.notEqual(shown, other);
      await page.getByText('Test mode').waitFor();
      assert.equal(await status(), 'pending');
      await page.getByRole('button', { name: 'Yes, connect' }).click();
      await owner.heading('Acme is connected to Mollie');
      assert.equal(await page.getByText(/^pfl_/).textContent(), shown);
      assert.equal(await status(), 'enabled');
      await page.getByRole('link', { name: 'Back to shop.example.com' }).click();
      await page.waitForURL(`${shop}/settings`);
      await disconnect(owner, page);
    });
  });

test('an account is connected by authorizing at the provider, without script at 320 px', async () => {
  const address = await begin();
  await visit({ width: 320, height: 640, script: false }, async (owner, page) => {
    await owner.enter(address);
    await page.getByRole('button', { name: 'Connect with Mollie' }).click();
    await owner.heading('Allow an application in?');
    await page.getByRole('button', { name: 'Refuse' }).click();
    await page.getByText('This service was not allowed in at Mollie.').waitFor();
    await page.getByRole('button', { name: 'Connect with Mollie' }).click();
    await page.getByLabel('Your organization').fill('Acme Pay');
    await page.getByLabel('Profiles, if it is new').selectOption('2');
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByRole('heading', { name: 'Which profile shall be paid?' }).waitFor();
    await page.getByRole('radio', { name: 'Acme Pay 2' }).check();
    await page.getByRole('radio', { name: /^Test mode/ }).check();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Is this who shall be paid?' }).waitFor();
    await page.getByText('Acme Pay 2').waitFor();
    assert.equal(await status(), 'pending');
    await page.getByRole('button', { name: 'Yes, connect' }).click();
    await owner.heading('Acme is connected to Mollie');
    assert.equal(await status(), 'enabled');
    await disconnect(owner, page);
  });
});

test('the pages on the way to an authorization are accessible at 320 px', async () => {
  const address = await begin();
  await visit({ width: 320, height: 640 }, async (owner, page) => {
    await owner.enter(address);
    await owner.checkAccessibility();
    await page.getByRole('button', { name: 'Connect with Mollie' }).click();
    await owner.heading('Allow an application in?');
    await owner.checkAccessibility();
    await page.getByRole('button', { name: 'Allow' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Which profile shall be paid?' }).waitFor();
    await owner.checkAccessibility();
    await page.getByRole('radio').first().check();
    await page.getByRole('radio', { name: /^Test mode/ }).check();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'Is this who shall be paid?' }).waitFor();
    await owner.checkAccessibility();
    await page.getByRole('button', { name: 'Choose again' }).click();
    await page.getByRole('button', { name: 'Use another account' }).click();
    await page.getByRole('button', { name: 'Do not connect' }).click();
    await owner.heading('Acme is not connected to Mollie');
  });
});

test('the keyboard is enough', async () => {
  const address = await begin();
  await visit({}, async (owner, page) => {
    await owner.enter(address);
    await page.getByLabel('API key of Mollie').focus();
    await page.keyboard.type(key);
    await page.keyboard.press('Enter');
    const yes = page.getByRole('button', { name: 'Yes, connect' });
    await yes.waitFor();
    for (let tabs = 0; tabs < 20 && !(await yes.evaluate((button) => button === document.activeElement)); ++tabs)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await owner.heading('Acme is connected to Mollie');
    await disconnect(owner, page);
  });
});

test('every state is accessible, wide and narrow', async () => {
  for (const options of [{}, phone]) {
    const address = await begin();
    await visit(options, async (owner, page) => {
      await owner.enter(address);
      await owner.checkAccessibility();
      await owner.show('nonsense');
      await page.getByText('This is no API key of Mollie.').waitFor();
      await owner.checkAccessibility();
      await owner.show(key);
      await page.getByRole('heading', { name: 'Is this who shall be paid?' }).waitFor();
      await owner.checkAccessibility();
      await page.getByRole('button', { name: 'Yes, connect' }).click();
      await page.getByRole('link', { name: 'Back to shop.example.com' }).click();
      await page.waitForURL(`${shop}/settings`);
      await page.goto(await pageNow());
      await owner.heading('Acme is connected to Mollie');
      await owner.checkAccessibility();
      await disconnect(owner, page);
    });
  }
});
