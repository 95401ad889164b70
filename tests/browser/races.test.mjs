// Two browsers at one link, and a payer whose provider does not answer: what the pages say has to be true.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Visitor, browser, sandbox } from './sandbox.mjs';

const races = Number(process.env.RACES ?? 2);

async function dial(method, rule) {
  const response = await fetch(`${sandbox.ready.simulator_url}/faults`, {
    method,
    headers: rule && { 'content-type': 'application/json' },
    body: rule && JSON.stringify(rule),
  });
  assert.ok(response.ok, `${method} /faults: ${response.status} ${await response.text()}`);
}

afterEach(() => dial('DELETE'));

const come = () => Visitor.come(browser, sandbox);
const title = (visitor) => visitor.page.getByRole('heading', { level: 1 }).textContent();

test('of two who pay a link at once one is kept, and the other hears that he gets his money back', async () => {
  await dial('POST', { operation: 'any', fault: 'delay', ms: 30, ms_min: 0, percent: 50, seed: 1 });
  for (let race = 0; race < races; race += 1) {
    const link = await sandbox.createLink({ methods: ['ideal'] });
    const [one, other] = await Promise.all([come(), come()]);
    await one.page.goto(link.url);
    await one.goToProvider({ method: 'iDEAL | Wero' });
    await other.page.goto(link.url);
    await other.heading(/./);
    await other.goToProvider({ method: 'iDEAL | Wero' });
    await Promise.all([one.decide('Approve'), other.decide('Approve')]);
    const titles = await Promise.all([title(one), title(other)]);
    assert.deepEqual(titles.sort(), ['Payment received', 'Your money is on its way back']);
    assert.equal(await sandbox.status(link), 'paid');
    await Promise.all([one.leave(), other.leave()]);
  }
});

test('a payer who has paid never reads that he has not, while the provider does not answer', async () => {
  const link = await sandbox.createLink();
  const visitor = await come();
  const { page } = visitor;
  const says = async (words) => (await page.getByRole('main').textContent()).includes(words);
  await page.goto(link.url);
  await visitor.goToProvider({ method: 'Card' });
  await dial('POST', { operation: 'get', fault: 'status', status: 503 });
  await dial('POST', { operation: 'notification', fault: 'drop' });
  await visitor.decide('Approve');
  const unclear = () => visitor.heading('We are asking the payment provider');
  await unclear();
  await visitor.checkAccessibility();
  assert.equal(await says('You have not been charged'), false);
  assert.equal(await says('If you paid, your money is not lost'), true);
  const own = page.url();
  await page.reload();
  await unclear();
  await page.goto(link.url);
  await visitor.heading(/Acme Sandbox/);
  assert.equal(await says('A payment was already begun'), true);
  await page.goBack();
  await unclear();
  const second = await page.context().newPage();
  await second.goto(own);
  await second.getByRole('heading', { level: 1, name: 'We are asking the payment provider' }).waitFor();
  await second.close();
  await dial('DELETE');
  await visitor.heading('Payment received');  // by itself
  assert.equal(await sandbox.status(link), 'paid');
  await visitor.leave();
});

test('a payment that cannot be begun was not charged, and can be begun later', async () => {
  const link = await sandbox.createLink();
  const visitor = await come();
  const { page } = visitor;
  await dial('POST', { operation: 'create', fault: 'status', status: 503 });
  await page.goto(link.url);
  await visitor.fill();
  await page.getByRole('button', { name: /^Pay / }).click();
  await visitor.heading('Please try again');
  assert.ok((await page.getByRole('main').textContent()).includes('You have not been charged'));
  await dial('DELETE');
  await page.getByRole('link', { name: 'Try again' }).click();
  await visitor.goToProvider();
  await visitor.decide('Approve');
  await visitor.heading('Payment received');
  await visitor.leave();
});

test('a laptop that is closed at the provider finds its payment again', async () => {
  const link = await sandbox.createLink();
  const visitor = await come();
  const { page } = visitor;
  await dial('POST', { operation: 'create', fault: 'status', status: 502, when: 'after', times: 1 });
  await page.goto(link.url);
  await visitor.goToProvider();
  await dial('POST', { operation: 'get', fault: 'reset' });
  const checkout = page.url();
  await page.close();
  const opened = await visitor.context.newPage();
  await opened.goto(link.url);
  await opened.getByRole('link', { name: 'Continue the payment' }).click();
  assert.equal(opened.url(), checkout, 'the lost answer made no second payment');
  await opened.getByRole('button', { name: 'Approve' }).click();
  await opened.getByRole('heading', { level: 1, name: 'We are asking the payment provider' }).waitFor();
  await dial('DELETE');
  await opened.getByRole('heading', { level: 1, name: 'Payment received' }).waitFor();
  await visitor.leave();
});
