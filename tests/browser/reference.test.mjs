// The API reference in a real browser: readable without script, by keyboard, on a phone; the documents behind it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Visitor, browser, sandbox } from './sandbox.mjs';

async function visit(options, steps) {
  const visitor = await Visitor.come(browser, sandbox, options);
  await visitor.page.goto(`${sandbox.ready.base_url}/docs`);
  await steps(visitor, visitor.page);
  await visitor.leave();
}

for (const [name, options] of Object.entries({
  phone: { width: 360, height: 740, hasTouch: true, isMobile: true },
  screen: { width: 1280, height: 860 },
  'dark screen': { width: 1280, height: 860, colorScheme: 'dark' },
}))
  test(`the reference is accessible on a ${name}`, async () => {
    await visit(options, async (visitor, page) => {
      await visitor.heading('Paylink API reference');
      if (process.env.SCREENSHOTS) {
        await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png` });
        await page.locator('#createPaymentLink').scrollIntoViewIfNeeded();
        await page.goto(`${sandbox.ready.base_url}/docs#createPaymentLink`);
        await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}-operation.png` });
      }
      await page.evaluate(() => document.querySelectorAll('details').forEach((element) => { element.open = true; }));
      await visitor.checkAccessibility();
    });
  });

test('every link inside the reference leads somewhere, and every operation is there', async () => {
  const described = await (await fetch(`${sandbox.ready.base_url}/openapi.json`)).json();
  const operations = Object.values(described.paths).flatMap(Object.values).map((one) => one.operationId);
  await visit({}, async (_visitor, page) => {
    const dead = await page.evaluate(() =>
      [...document.querySelectorAll('a[href^="#"]')].map((a) => a.getAttribute('href').slice(1))
        .filter((id) => !document.getElementById(id)));
    assert.deepEqual(dead, []);
    const ids = await page.evaluate(() => [...document.querySelectorAll('[id]')].map((element) => element.id));
    assert.equal(new Set(ids).size, ids.length, 'an id is there twice');
    for (const id of operations.filter(Boolean)) assert.ok(ids.includes(id), `${id} is missing`);
  });
});

test('the reference works by keyboard and without script', async () => {
  await visit({ script: false }, async (_visitor, page) => {
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#main$/);
    await page.locator('#createPaymentLink summary', { hasText: 'Bad Request' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('#createPaymentLink').getByText('malformed_json').first().waitFor();
    await page.goto(`${sandbox.ready.base_url}/docs`);
    await page.getByRole('link', { name: 'Switch a payment link off' }).first().click();
    await page.waitForURL(/#deactivatePaymentLink$/);
  });
});

test('the examples of the document do what they say', async () => {
  const { paths } = await (await fetch(`${sandbox.ready.base_url}/openapi.json`)).json();
  const { examples } = paths['/v2/payment_links'].post.requestBody.content['application/json'];
  assert.ok(Object.keys(examples).length >= 3);
  for (const [name, { value }] of Object.entries(examples)) {
    // The calendar moves on, and the document does not.
    if (value.payment_link.expiration_date)
      value.payment_link.expiration_date = new Date(Date.now() + 86_400_000).toISOString();
    const { payment_link: link } = await sandbox.call('POST', '/v2/payment_links', value);
    assert.equal(link.resource_type, value.payment_link.items ? 'Basket' : 'Invoice', name);
    const pay = paths['/sandbox/payments'].post.requestBody.content['application/json'].example;
    const [method] = link.potential_payment_methods;
    const answer = await sandbox.call('POST', '/sandbox/payments',
      { ...pay, payment_link_id: link.id, payment_method: method });
    assert.equal(answer.payment.status, 'paid', name);
  }
});

test('the documents are served as what they are', async () => {
  for (const [path, type] of [['/openapi.yaml', 'application/yaml'], ['/openapi.json', 'application/json']]) {
    const response = await fetch(sandbox.ready.base_url + path);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), type);
    assert.match(await response.text(), /openapi"?: ?"?3\.1\.0/);
  }
});

test('the front door leads to the reference', async () => {
  await visit({}, async (visitor, page) => {
    await page.goto(`${sandbox.ready.base_url}/`);
    await visitor.heading('Payment links');
    await visitor.checkAccessibility();
    await page.getByRole('link', { name: 'API reference' }).click();
    await page.waitForURL(/\/docs$/);
  });
});
