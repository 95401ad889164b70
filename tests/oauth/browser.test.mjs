// The way of a person through Chromium: sign in, choose an organization, allow or refuse, be remembered, take it back.
// The applications run at an address of this machine, as one on the same desk would.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { Visitor, launch } from '../browser/visitor.mjs';
import { queryOf } from './person.mjs';
import { Server } from './server.mjs';

const scopes = ['organization.read', 'payment_link.read', 'offline_access'];
let server;
let browser;
let shop;
let till;
let desk;  // where both applications are called back
let desk6;  // the same at an address of IPv6, if this machine has one
let called;  // the addresses they were called by

async function openDesk(address, host = address) {
  const opened = http.createServer((request, response) => {
    if (request.url.startsWith('/callback')) called.push(new URL(request.url, 'http://desk').searchParams);
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><title>Shop</title><link rel="icon" href="data:,"><h1>Back at the shop</h1>');
  });
  opened.listen(0, address);
  await once(opened, 'listening');
  opened.origin = `http://${host}:${opened.address().port}`;
  return opened;
}

before(async () => {
  desk = await openDesk('127.0.0.1');
  desk6 = await openDesk('::1', '[::1]').catch(() => undefined);
  [server, browser] = await Promise.all([Server.open(), launch()]);
  const uris = ['http://127.0.0.1/callback'];
  shop = await server.addApplication({ name: 'Shop', uris, scopes });
  till = await server.addApplication({ name: 'Till', uris, scopes, isPublic: true });
  for (const application of [shop, till]) application.uris = [`${desk.origin}/callback`];
  await server.addOrganization({ slug: 'bakery', name: 'The Bakery', owner: server.ready.user.email });
});

after(async () => {
  desk?.close();
  desk6?.close();
  await browser?.close();
  await server?.stop();
});

class Member extends Visitor {
  targets = `https: ${desk.origin}`;  // of the form that allows it or refuses

  get desks() {
    return [desk, desk6].filter(Boolean).map(({ origin }) => origin);
  }

  get origins() {
    return [...super.origins, ...this.desks];
  }

  judge(response) {
    if (!this.desks.some((origin) => response.url().startsWith(origin))) super.judge(response);
  }

  mayHaveCookie(response) {
    return new URL(response.url()).pathname === '/sign-in';
  }

  // Of the pages on which somebody is allowed something or refused it, to whoever asked.
  formsLeadTo(response) {
    const isAsked = new URL(response.url()).pathname === '/oauth2/auth' && response.status() === 200;
    return isAsked ? `'self' ${this.targets}` : super.formsLeadTo();
  }

  press(name) {
    return this.page.getByRole('button', { name, exact: true }).click();
  }

  async ask(application, changes) {
    called = [];
    await this.page.goto(`${server.issuer}/oauth2/auth?${queryOf(application.request(changes))}`);
  }

  async signIn() {
    await this.heading('Sign in');
    await this.checkAccessibility();
    await this.page.getByLabel('E-mail address').fill(server.ready.user.email);
    await this.page.getByLabel('Password').fill(server.ready.user.password);
    await this.press('Sign in');
  }

  async choose(organization) {
    await this.heading(/^Which organization is /);
    await this.checkAccessibility();
    await this.page.getByRole('link', { name: organization, exact: true }).click();
  }

  // What the application was told.
  async told() {
    await this.heading('Back at the shop');
    assert.equal(called.length, 1);
    assert.equal(called[0].get('iss'), server.issuer);
    return called[0];
  }
}

async function visit(steps, options) {
  const member = await Member.come(browser, server, options);
  await steps(member, member.page);
  await member.leave();
}

const slug = async ({ access }) => (await server.call(access, 'GET', '/v2/organization')).json.organization.slug;

test('somebody signs in, chooses, refuses, allows, is remembered and takes it back', async () => {
  await visit(async (member, page) => {
    await member.ask(shop);
    await member.signIn();
    await member.heading('Which organization is Shop to act for?');
    await member.press('Refuse');
    assert.equal((await member.told()).get('error'), 'access_denied');

    await member.ask(shop);
    await member.choose('The Bakery');
    await member.heading('Allow Shop to act for The Bakery?');
    await member.checkAccessibility();
    const said = await page.getByRole('main').textContent();
    for (const part of ['Shop', new URL(desk.origin).host, server.ready.user.email,
      'See payment links and their payments', 'Keep this access while you are away'])
      assert.ok(said.includes(part), `the page lacks ${part}`);
    assert.equal(await page.locator('.scopes li').count(), scopes.length);
    await member.press('Refuse');
    assert.equal((await member.told()).get('error'), 'access_denied');

    await member.ask(shop);
    await member.choose('The Bakery');
    await member.press('Allow');
    const first = await shop.tokens(shop.exchange((await member.told()).get('code')));
    assert.equal(await slug(first), 'bakery');

    await member.ask(shop);
    await member.choose('The Bakery');
    const second = await shop.tokens(shop.exchange((await member.told()).get('code')));

    await member.ask(shop);
    await member.choose('Acme Sandbox');
    await member.heading('Allow Shop to act for Acme Sandbox?');
    await member.press('Allow');
    const third = await shop.tokens(shop.exchange((await member.told()).get('code')));
    assert.equal(await slug(third), server.ready.organization.slug);

    await page.goto(`${server.issuer}/account`);
    await member.checkAccessibility();
    const bakery = page.locator('h3:has-text("The Bakery") + ul');
    await bakery.getByRole('button', { name: /^Revoke .*Shop$/ }).click();
    const begun = Date.now();
    await page.getByRole('status').waitFor();
    for (const { access } of [first, second])
      while ((await server.call(access)).status !== 401) {
        assert.ok(Date.now() - begun < 1_000, 'a token is still good after a second');
        await sleep(10);
      }
    assert.equal((await shop.refresh(second.refresh)).json.error, 'invalid_grant');
    assert.equal((await server.call(third.access)).status, 200, 'what was allowed for another organization stays');
    await member.ask(shop);
    await member.choose('The Bakery');
    await member.heading('Allow Shop to act for The Bakery?');
  });
});

for (const script of [false, true])
  test(`a public application is asked about each time, with script ${script ? 'enabled' : 'disabled'}`, async () => {
    await visit(async (member, page) => {
      member.checkAccessibility = () => {};  // needs script, and has been done
      await member.ask(till);
      await member.signIn();
      for (let i = 0; i < 2; i += 1) {
        await member.choose('The Bakery');
        await member.heading('Allow Till to act for The Bakery?');
        await member.press('Allow');
        assert.equal(await slug(await till.tokens(till.exchange((await member.told()).get('code')))), 'bakery');
        await member.ask(till);
      }
    }, { script });
  });

test('an application at an address of IPv6 is allowed and refused', async (context) => {
  if (!desk6) return context.skip('this machine has none');
  const local = await server.addApplication({ name: 'Local', uris: ['http://[::1]/callback'], scopes });
  local.uris = [`${desk6.origin}/callback`];
  return visit(async (member) => {
    member.targets = 'https: http:';
    await member.ask(local, { organization_id: server.ready.organization.id });
    await member.signIn();
    await member.press('Refuse');
    assert.equal((await member.told()).get('error'), 'access_denied');
    await member.ask(local, { organization_id: server.ready.organization.id });
    await member.press('Allow');
    await local.tokens(local.exchange((await member.told()).get('code')));
  });
});

test('the page that asks cannot be framed, and its form cannot be sent from elsewhere', async () => {
  await visit(async (member, page) => {
    await member.ask(till, { organization_id: server.ready.organization.id });
    await member.signIn();
    await member.heading('Allow Till to act for Acme Sandbox?');
    const address = page.url();
    const form = await page.locator('form').evaluate((element) =>
      Object.fromEntries(new FormData(element).entries()));
    // The desk's page is of the same site and another origin; it has even got hold of the token.
    await page.goto(desk.origin);
    await page.setContent(`<iframe src="${address}"></iframe>
      <form method="post" action="${address}"><input name="token" value="${form.token}">
      <button name="decision" value="approve">Win</button></form>`);
    await page.waitForTimeout(500);
    assert.equal(await page.frameLocator('iframe').getByRole('button').count(), 0);
    await member.press('Win');
    await member.heading('This page was open for too long');
    assert.deepEqual(called, []);
    member.faults = member.faults.filter((fault) => !/frame/i.test(fault));
  });
});
