// A browser that notices what must never happen.

import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const chromiumPath = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const policy = (forms) =>
  `default-src 'none'; style-src 'self'; img-src 'self'; form-action ${forms}; base-uri 'none'; frame-ancestors 'none'`;

export function launch() {
  return chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync'],
  });
}

// A visitor with a browser of its own. Everything it meets is kept and judged by `leave`.
export class Visitor {
  static async come(browser, sandbox, { script = true, width = 1280, height = 860, ...options } = {}) {
    const context = await browser.newContext(
      { javaScriptEnabled: script, viewport: { width, height }, locale: 'en-US', ...options });
    context.setDefaultTimeout(10_000);
    const page = await context.newPage();
    const visitor = new this();
    Object.assign(visitor, { context, page, sandbox, faults: [], pages: 0 });
    visitor.watch();
    return visitor;
  }

  // Nothing else is ever asked for.
  get origins() {
    return [this.sandbox.ready.base_url, this.sandbox.ready.simulator_url];
  }

  watch() {
    this.page.on('console', (message) => {
      // A page that answers 404, 422 or 503 is reported there although that is what it should do.
      const expected = /status of (4\d\d|503)/.test(message.text()) && !message.location().url.includes('/assets/');
      if (['error', 'warning'].includes(message.type()) && !expected) this.faults.push(`console: ${message.text()}`);
    });
    this.page.on('pageerror', (error) => this.faults.push(`script: ${error.message}`));
    this.page.on('dialog', (dialog) => {
      this.faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    this.context.on('request', (request) => {
      const isOurs = this.origins.some((origin) => request.url().startsWith(`${origin}/`));
      if (!isOurs) this.faults.push(`request: ${request.url()}`);
    });
    this.page.on('response', (response) => this.judge(response));
  }

  judge(response) {
    const headers = response.headers();
    if (!headers['content-type']?.startsWith('text/html')) return;
    this.pages += 1;
    const expected = {
      'content-security-policy': policy(this.formsLeadTo(response)),
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    };
    for (const [name, value] of Object.entries(expected))
      if (headers[name] !== value) this.faults.push(`${response.url()}: ${name} is ${headers[name]}`);
    if (headers['set-cookie'] && !this.mayHaveCookie(response)) this.faults.push(`${response.url()}: sets a cookie`);
  }

  formsLeadTo() {
    return "'self'";
  }

  // The hosted page never sets one.
  mayHaveCookie() {
    return false;
  }

  async leave() {
    await this.context.close();
    assert.deepEqual(this.faults, []);
    assert.ok(this.pages > 0, 'no page was seen');
  }

  heading(text) {
    return this.page.getByRole('heading', { level: 1, name: text }).waitFor();
  }

  async fill({ email = 'ada@example.com', method = 'Card' } = {}) {
    await this.page.getByLabel('Your e-mail address').fill(email);
    await this.page.getByRole('radio', { name: method }).check();
  }

  // From the link's page to the simulator's.
  async goToProvider(choices) {
    await this.fill(choices);
    await this.page.getByRole('button', { name: /^(Start over and pay|Pay) / }).click();
    await this.heading(/^Test payment of /);
  }

  async decide(button) {
    await this.page.getByRole('button', { name: button }).click();
    await this.page.waitForURL(/\/a\/[\w-]+$/);
  }

  // WCAG 2.2 A and AA as far as a program can tell, and no sideways scrolling. Needs script in the browser.
  async checkAccessibility() {
    await this.page.waitForLoadState('load'); // what it looks like comes with the style sheet
    const wide = await this.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, `${this.page.url()} scrolls sideways by ${wide} px`);
    const source = await fs.readFile(axe, 'utf8');
    await this.page.evaluate(source);
    const { violations } = await this.page.evaluate(() => globalThis.axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    }));
    assert.deepEqual(violations.map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.target).join(', ')}`), []);
  }
}
