// The provider's pages as a payer meets them, from the link to the receipt.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Visitor, browser, sandbox } from './sandbox.mjs';

// A visitor on the provider's page of that method.
async function pay(method, options, steps) {
  const link = await sandbox.createLink();
  const visitor = await Visitor.come(browser, sandbox, options);
  await visitor.page.goto(link.url);
  await visitor.goToProvider({ method });
  await steps(visitor, visitor.page, link);
  await visitor.leave();
}

const good = `12/${String((new Date().getFullYear() + 2) % 100).padStart(2, '0')}`;

async function fillCard(page, number, { expiry = good, cvc = '123', holder = 'Ada Lovelace' } = {}) {
  await page.getByLabel('Card number').fill(number);
  await page.getByLabel('Expiry date').fill(expiry);
  await page.getByLabel('Security code').fill(cvc);
  await page.getByLabel('Name on the card').fill(holder);
}

const submit = (page) => page.getByRole('button', { name: 'Pay €13.30' }).click();

test('by card on a phone: what is wrong is told at its field, and no number is shown again', async () => {
  await pay('Card', { width: 320, height: 568, hasTouch: true, isMobile: true }, async (visitor, page) => {
    await fillCard(page, '4012 8888 8888 1881', { expiry: '01/20', cvc: '12' });
    await submit(page);
    await page.getByRole('alert').waitFor();
    assert.deepEqual(await page.getByRole('alert').getByRole('link').allTextContents(), [
      'This is none of the test cards, and no other card is taken here. The number was not kept.',
      'This card has expired. Enter a date that is still to come.',
      'Enter the 3 digits of the security code.',
    ]);
    await page.getByRole('alert').getByRole('link').first().click();
    const number = page.getByLabel('Card number');
    assert.equal(await number.evaluate((field) => field === document.activeElement), true);
    assert.equal(await number.getAttribute('aria-describedby'), 'number-fault');
    assert.equal(await number.inputValue(), '');
    assert.equal(await page.getByLabel('Name on the card').inputValue(), 'Ada Lovelace');
    assert.ok(!(await page.content()).includes('1881'));
    await visitor.checkAccessibility();
    await fillCard(page, '4242 4242 4242 4242');
    await submit(page);
    await visitor.heading('Payment received');
  });
});

test('by card without script: the bank asks, and the payer refuses', async () => {
  await pay('Card', { script: false }, async (visitor, page, link) => {
    await fillCard(page, '4543474002249996');
    await submit(page);
    await visitor.heading('Confirm your payment');
    const asked = await page.getByRole('main').textContent();
    for (const part of ['Test shop', '€13.30', '•••• 9996']) assert.ok(asked.includes(part), part);
    await page.getByRole('button', { name: 'Refuse' }).click();
    await visitor.heading('Payment declined');
    assert.equal(await sandbox.status(link), 'open');

    await page.goBack();
    await visitor.heading('This test payment is finished');
    assert.equal(await page.getByRole('button').count(), 0);
  });
});

test('who cancels at iDEAL | Wero may pay otherwise, and only who cancels there too has canceled', async () => {
  await pay('iDEAL | Wero', {}, async (visitor, page, link) => {
    await page.getByRole('button', { name: 'Molenbank' }).click();
    await visitor.heading('Confirm your payment');
    await visitor.checkAccessibility();
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.getByRole('heading', { name: 'How would you like to pay?' }).waitFor();
    await visitor.checkAccessibility();
    await page.getByRole('button', { name: 'PayPal' }).click();
    await page.getByText('tess.tester@example.com').waitFor();
    await page.getByRole('link', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Cancel the payment' }).click();
    await visitor.heading('Payment canceled');
    assert.equal(await sandbox.status(link), 'open');
  });
});

test('two tabs: the first to pay has paid, the other is told so', async () => {
  await pay('Apple Pay', {}, async (visitor, page, link) => {
    const other = await visitor.context.newPage();
    await other.goto(page.url());
    await submit(page);
    await visitor.heading('Payment received');
    await submit(other);
    await other.getByRole('heading', { name: 'This test payment is finished' }).waitFor();
    assert.match(await other.getByRole('main').textContent(), /paid/);
    assert.equal(await sandbox.status(link), 'paid');
  });
});
