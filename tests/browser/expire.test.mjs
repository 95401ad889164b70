// What time does to a link: its own sandbox, because the clock only moves forward.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Visitor, browser, sandbox } from './sandbox.mjs';

test('a page that was open for more than two hours asks to be opened again', async () => {
  const link = await sandbox.createLink();
  const visitor = await Visitor.come(browser, sandbox, { script: false });
  const { page } = visitor;
  await page.goto(link.url);
  await visitor.fill();
  await sandbox.advance('3h');
  await page.getByRole('button').click();
  await visitor.heading('This page was open for too long');
  await page.getByRole('link', { name: 'Open the payment page' }).click();
  await visitor.goToProvider();
  await visitor.decide('Approve');
  await visitor.heading('Payment received');
  await visitor.leave();
});

test('an expired link says so', async () => {
  const link = await sandbox.createLink();
  await sandbox.advance('9000h');
  assert.equal(await sandbox.status(link), 'expired');
  const visitor = await Visitor.come(browser, sandbox, { width: 360, height: 740 });
  await visitor.page.goto(link.url);
  await visitor.heading('Link expired');
  assert.equal(await visitor.page.getByRole('button').count(), 0);
  await visitor.checkAccessibility();
  await visitor.leave();
});

test('a payment begun in time counts although it is completed after the link\'s end', async () => {
  const link = await sandbox.createLink();
  const { now } = await sandbox.call('GET', '/sandbox/clock');
  const seconds = (Date.parse(link.expiration_date) - Date.parse(now)) / 1000;
  await sandbox.advance(`${seconds - 300}s`);
  const visitor = await Visitor.come(browser, sandbox, { script: false });
  await visitor.page.goto(link.url);
  await visitor.goToProvider();
  await sandbox.advance('10m');
  assert.equal(await sandbox.status(link), 'open');
  await visitor.decide('Approve');
  await visitor.heading('Payment received');
  assert.equal(await sandbox.status(link), 'paid');
  await visitor.leave();
});
