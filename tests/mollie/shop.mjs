// A merchant at the simulator of a sandbox, and the payer's side of it.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';

import { SandboxProcess } from '../support/sandbox_process.mjs';

export const methods = ['creditcard', 'applepay', 'paypal', 'ideal'];
export const eur = (value) => ({ currency: 'EUR', value });

export class Shop {
  // With a key, and so a profile, of its own.
  static async open() {
    const shop = new this();
    shop.sandbox = await SandboxProcess.start();
    shop.url = shop.sandbox.ready.simulator_url;
    shop.key = `test_${randomBytes(15).toString('hex')}`;
    return shop;
  }

  close() {
    return this.sandbox.stop();
  }

  wish(more = {}) {
    return {
      amount: eur('13.30'),
      description: 'Order 7',
      redirectUrl: 'https://shop.example.com/back',
      webhookUrl: 'http://127.0.0.1:9/never',
      metadata: { order: 7 },
      ...more,
    };
  }

  async send(address, form) {
    const response = await fetch(address, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    });
    assert.equal(response.status, 303, `${address}: ${response.status}`);
  }

  // On the page at `checkout`, by a tester; or by a card.
  decide(checkout, outcome) {
    return this.send(checkout, { outcome });
  }
  payByCard(checkout, number) {
    const year = new Date().getFullYear() + 2;
    return this.send(`${checkout}/card`, { number, expiry: `12/${year}`, cvc: '123', holder: 'Ada Lovelace' });
  }
  chargeBack(id, outcome = 'charged_back') {
    return this.send(`${this.url}/change-payment-state/${id}`, { outcome });
  }

  // Time, for the simulator too.
  async advance(by) {
    const response = await fetch(`${this.sandbox.ready.base_url}/sandbox/clock`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ advance: by }),
    });
    assert.equal(response.status, 200);
  }
}
