// A sandbox of its own for each test file, and a browser.

import assert from 'node:assert/strict';
import { after, before } from 'node:test';

import { SandboxProcess } from '../support/sandbox_process.mjs';
import { launch } from './visitor.mjs';

export { Visitor } from './visitor.mjs';

export class Sandbox extends SandboxProcess {
  async call(method, where, body) {
    const response = await fetch(this.ready.base_url + where, {
      method,
      headers: { authorization: `Bearer ${this.ready.access_token}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const answer = await response.json();
    assert.ok(response.ok, `${method} ${where}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  // `items` may be a title: one line of 10.99 at 21 %, which is 13.30.
  async createLink({ items = 'T-Shirt', reusable = false, methods, currency = 'EUR' } = {}) {
    const line = (title) => ({
      title,
      quantity: 1,
      unit_price: { value: '10.99', currency },
      vat_rate: '21.0',
    });
    const { payment_link } = await this.call('POST', '/v2/payment_links', {
      payment_link: {
        potential_payment_methods: methods ?? ['credit_card', 'apple_pay', 'paypal', 'ideal'],
        reusable,
        items: Array.isArray(items) ? items : [line(items)],
      },
    });
    return payment_link;
  }

  async status(link) {
    return (await this.call('GET', `/v2/payment_links/${link.id}`)).status;
  }

  advance(by) {
    return this.call('POST', '/sandbox/clock', { advance: by });
  }
}

// What the tests of one file share, from the first to the last of them.
export let sandbox;
export let browser;

// What a test file prepares itself waits for this: its own `before` does not wait for the other.
export const started = Promise.all([Sandbox.start(), launch()]);

before(async () => {
  [sandbox, browser] = await started;
});

after(async () => {
  await browser?.close();
  await sandbox?.stop();
});
