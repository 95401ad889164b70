// The hosted page in a real browser: a link is paid, declined, canceled, left, begun twice.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Visitor, browser, sandbox } from './sandbox.mjs';

async function visit(options, steps) {
  const visitor = await Visitor.come(browser, sandbox, options);
  await steps(visitor, visitor.page);
  await visitor.leave();
}

for (const script of [false, true])
  test(`pays a link with script ${script ? 'enabled' : 'disabled'}`, async () => {
    const link = await sandbox.createLink();
    await visit({ script }, async (visitor, page) => {
      await page.goto(link.url);
      const merchant = await page.locator('.merchant').textContent();
      assert.equal(await page.getByRole('button').textContent(), `Pay €13.30 to ${merchant}`);
      await visitor.goToProvider({ method: 'iDEAL | Wero' });
      await visitor.decide('Approve');
      await visitor.heading('Payment received');
      const receipt = await page.getByRole('main').textContent();
      for (const part of ['€13.30', 'a…@example.com', 'iDEAL | Wero', 'T-Shirt', '21%', 'UTC', 'You can print'])
        assert.ok(receipt.includes(part), `the receipt lacks ${part}`);
      assert.equal(await sandbox.status(link), 'paid');

      await page.goto(link.url);
      await visitor.heading('Already paid');
      const said = await page.content();
      for (const secret of ['ada@example.com', 'iDEAL', '/a/', '13.30', 'UTC'])
        assert.ok(!said.includes(secret), `the paid link tells ${secret}`);
    });
  });

for (const method of ['Card', 'Apple Pay', 'PayPal', 'iDEAL | Wero'])
  test(`pays by ${method} on a phone`, async () => {
    const link = await sandbox.createLink();
    await visit({ width: 360, height: 740, hasTouch: true, isMobile: true }, async (visitor, page) => {
      await page.goto(link.url);
      await visitor.checkAccessibility();
      await visitor.goToProvider({ method });
      assert.ok((await page.getByRole('main').textContent()).includes(method));
      await visitor.checkAccessibility();
      await visitor.decide('Approve');
      await visitor.heading('Payment received');
      await visitor.checkAccessibility();
    });
  });

for (const [locale, amount, paid] of [
  ['fr-FR', '13,30\u00a0€', 'Paiement reçu'],
  ['de-DE', '13,30\u00a0€', 'Zahlung eingegangen'],
  ['es-ES', '13,30\u00a0€', 'Pago recibido'],
  ['it-IT', '13,30\u00a0€', 'Pagamento ricevuto'],
  ['nl-NL', '€\u00a013,30', 'Betaling ontvangen'],
])
  test(`pays on a phone that asks for ${locale}`, async () => {
    const link = await sandbox.createLink();
    await visit({ locale, width: 320, height: 568, hasTouch: true, isMobile: true }, async (visitor, page) => {
      const check = async () => {
        assert.equal(await page.locator('html').getAttribute('lang'), locale.slice(0, 2));
        assert.ok((await page.getByRole('main').textContent()).includes(amount));
        await visitor.checkAccessibility();
      };
      await page.goto(link.url);
      await page.locator('form').evaluate((form) => { form.noValidate = true; });
      await page.locator('form button').click();
      await page.getByRole('alert').waitFor();
      await check();
      await page.locator('#email').fill('ada@example.com');
      await page.locator('#method-credit_card').check();
      await page.locator('form button').click();
      await page.locator('button[value=paid]').waitFor();
      await check();
      await page.locator('button[value=paid]').click();
      await visitor.heading(paid);
      await check();
    });
  });

test('is paid with the keyboard alone', async () => {
  const link = await sandbox.createLink({ methods: ['credit_card', 'paypal'] });
  await visit({ width: 360, height: 740 }, async (visitor, page) => {
    const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());
    const tabTo = async (wanted) => {
      for (let presses = 0; presses < 20; presses += 1) {
        await page.keyboard.press('Tab');
        const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
        assert.notEqual(outline, 'none', `the focus on ${await focused()} cannot be seen`);
        if ((await focused()).startsWith(wanted)) return;
      }
      assert.fail(`Tab does not reach ${wanted}`);
    };
    await page.goto(link.url);
    await tabTo('email');
    await page.keyboard.type('ada@example.com');
    await tabTo('method-credit_card');
    await page.keyboard.press('ArrowDown');
    assert.equal(await focused(), 'method-paypal');
    await tabTo('Pay €13.30');
    await page.keyboard.press('Enter');
    await visitor.heading(/^Test payment/);
    await tabTo('Approve');
    await page.keyboard.press('Enter');
    await visitor.heading('Payment received');
    assert.ok((await page.getByRole('main').textContent()).includes('PayPal'));
  });
});

test('dark scheme: the form, its faults and the receipt are readable', async () => {
  const link = await sandbox.createLink();
  await visit({ colorScheme: 'dark' }, async (visitor, page) => {
    await page.goto(link.url);
    await visitor.checkAccessibility();
    await page.locator('form').evaluate((form) => { form.noValidate = true; });
    await page.getByRole('button').click();
    await page.getByRole('alert').waitFor();
    await visitor.checkAccessibility();
    await visitor.goToProvider();
    await visitor.decide('Decline');
    await visitor.checkAccessibility();
  });
});

test('the server tells what is wrong, at the field, and keeps the rest', async () => {
  const link = await sandbox.createLink();
  await visit({}, async (visitor, page) => {
    const send = async () => {
      await page.locator('form').evaluate((form) => { form.noValidate = true; });
      await page.getByRole('button').click();
      await page.getByRole('alert').waitFor();
    };
    const email = page.getByLabel('Your e-mail address');
    await page.goto(link.url);
    await send();
    assert.deepEqual(await page.getByRole('alert').getByRole('link').allTextContents(),
      ['Enter your e-mail address.', 'Choose how you would like to pay.']);
    await page.getByRole('link', { name: 'Enter your e-mail address.' }).click();
    assert.equal(await email.evaluate((field) => field === document.activeElement), true);

    await visitor.fill({ email: 'ada at example', method: 'PayPal' });
    await send();
    assert.match(await page.title(), /^Error: /);
    assert.equal(await email.inputValue(), 'ada at example');
    assert.equal(await email.getAttribute('aria-invalid'), 'true');
    const described = (await email.getAttribute('aria-describedby')).split(' ');
    assert.match(await page.locator(`#${described.at(-1)}`).textContent(), /name@example\.com/);
    assert.equal(await page.getByRole('radio', { name: 'PayPal' }).isChecked(), true);
    await visitor.checkAccessibility();

    await visitor.goToProvider({ method: 'PayPal' });
    await visitor.decide('Approve');
    await visitor.heading('Payment received');
  });
});

test('a declined payment can be tried again', async () => {
  const link = await sandbox.createLink();
  await visit({ script: false }, async (visitor, page) => {
    await page.goto(link.url);
    await visitor.goToProvider();
    await visitor.decide('Decline');
    await visitor.heading('Payment declined');
    assert.equal(await sandbox.status(link), 'open');
    await page.getByRole('link', { name: 'Try again' }).click();
    await visitor.goToProvider({ method: 'PayPal' });
    await visitor.decide('Approve');
    await visitor.heading('Payment received');
    assert.equal(await sandbox.status(link), 'paid');
  });
});

for (const [button, heading, status] of [
  ['Cancel', 'Payment canceled', 'open'],
  ['Let it expire', 'Payment not completed in time', 'open'],
  ['Leave it pending', 'Payment in progress', 'processing'],
])
  test(`"${button}" ends at "${heading}"`, async () => {
    const link = await sandbox.createLink();
    await visit({ script: false }, async (visitor, page) => {
      await page.goto(link.url);
      await visitor.goToProvider();
      await visitor.decide(button);
      await visitor.heading(heading);
      assert.equal(await sandbox.status(link), status);
      await page.goto(link.url);
      if (status === 'processing') await visitor.heading('Payment in progress');
      else await page.getByRole('button', { name: /^Pay €13\.30/ }).waitFor();
    });
  });

test('a second browser continues what the first one began', async () => {
  const link = await sandbox.createLink();
  await visit({}, (first, firstPage) => visit({ script: false }, async (second, secondPage) => {
    await firstPage.goto(link.url);
    await first.goToProvider();
    await secondPage.goto(link.url);
    await secondPage.getByRole('heading', { name: 'A payment was already begun' }).waitFor();
    assert.ok(!(await secondPage.content()).includes('ada@example.com'));
    await secondPage.getByRole('link', { name: 'Continue the payment' }).click();
    assert.equal(secondPage.url(), firstPage.url());
    await second.decide('Approve');
    await second.heading('Payment received');
    assert.equal(await sandbox.status(link), 'paid');
  }));
});

test('a second browser starts over, and exactly one payment is kept', async () => {
  const link = await sandbox.createLink();
  await visit({}, (first, firstPage) => visit({}, async (second, secondPage) => {
    await firstPage.goto(link.url);
    await first.goToProvider({ email: 'first@example.com' });
    const abandoned = firstPage.url();
    await secondPage.goto(link.url);
    await second.goToProvider({ email: 'second@example.com' });
    assert.notEqual(secondPage.url(), abandoned);
    await second.decide('Approve');
    await second.heading('Payment received');

    // The first one may still be payable at the provider; what it pays is surplus, and it is told so.
    const approve = firstPage.getByRole('button', { name: 'Approve' });
    await approve.click();
    await firstPage.getByRole('heading', { level: 1, name: /finished|Payment canceled|way back/ }).waitFor();
    assert.equal(await sandbox.status(link), 'paid');
  }));
});

test('a double click pays once', async () => {
  const link = await sandbox.createLink({ reusable: true });
  await visit({}, async (visitor, page) => {
    await page.goto(link.url);
    await visitor.fill();
    await page.getByRole('button').dblclick();
    await visitor.heading(/^Test payment/);
    const provider = page.url();
    await page.goto(link.url);
    assert.notEqual(page.url(), provider);
    await page.goto(provider);
    await visitor.decide('Approve');
    await visitor.heading('Payment received');
  });
});

test('a reusable link takes any number of payments', async () => {
  const link = await sandbox.createLink({ reusable: true });
  await visit({ script: false }, async (visitor, page) => {
    for (let round = 0; round < 2; round += 1) {
      await page.goto(link.url);
      await visitor.goToProvider();
      await visitor.decide('Approve');
      await visitor.heading('Payment received');
      assert.equal(await sandbox.status(link), 'open');
    }
  });
});

test('an unknown link and somebody else\'s look the same', async () => {
  const link = new URL((await sandbox.createLink()).url);
  const nobody = '00000000-0000-4000-8000-000000000000';
  const other = new URL(link);
  other.pathname = `/${nobody}`;
  const wrong = new URL(link);
  wrong.searchParams.set('resource_id', nobody);
  const none = new URL(link.pathname, link);
  await visit({}, async (visitor, page) => {
    const bodies = new Set();
    for (const address of [other, wrong, none]) {
      const response = await page.goto(address.href);
      assert.equal(response.status(), 404);
      await visitor.heading('Page not found');
      bodies.add(await response.text());
    }
    assert.equal(bodies.size, 1);
    await visitor.checkAccessibility();
  });
});

test('iDEAL is not offered for other currencies than the euro', async () => {
  const link = await sandbox.createLink({ currency: 'SEK' });
  await visit({}, async (visitor, page) => {
    await page.goto(link.url);
    assert.deepEqual((await page.locator('.choice').allTextContents()).map((text) => text.trim()),
      ['Card', 'Apple Pay', 'PayPal']);
  });
});

test('hostile text stays text on every page it reaches', async () => {
  const nasty = [
    '"><script>alert(1)</script>',
    "' onmouseover='alert(2)' x='",
    '<img src=x onerror=alert(3)>',
    '</title></style><svg/onload=alert(4)>',
    '{{token}}{{{token}}}{name}${7*7}<%= 7*7 %>',
    '&lt;script&gt; &amp; \u202etxt\u202c',
    'javascript:alert(5)',
  ];
  const items = nasty.map((title) => ({
    title,
    description: title,
    measure_unit: title,
    quantity: 1,
    unit_price: { value: '1.00', currency: 'EUR' },
    vat_rate: '0',
  }));
  const link = await sandbox.createLink({ items });
  await visit({ width: 360, height: 740 }, async (visitor, page) => {
    await page.goto(link.url);
    assert.deepEqual(await page.locator('.what').allTextContents(), nasty);
    await visitor.checkAccessibility();
    await visitor.goToProvider({ email: "o'hara+&amp@example.com" });
    await visitor.decide('Approve');
    await visitor.heading('Payment received');
    assert.deepEqual(await page.locator('.what').allTextContents(), nasty);
    assert.equal(await page.locator('script, img, svg, iframe').count(), 0);
    await visitor.checkAccessibility();
  });
});

test('a form sent by another origin is refused', async () => {
  const link = await sandbox.createLink();
  const page = await (await fetch(link.url)).text();
  const token = page.match(/name="token" value="([^"]+)"/)[1];
  const body = new URLSearchParams({ token, email: 'ada@example.com', method: 'credit_card' });
  const send = (site) => fetch(link.url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...(site && { 'sec-fetch-site': site }) },
    body: body.toString(),
  });
  for (const site of ['cross-site', 'same-site']) assert.equal((await send(site)).status, 403, site);
  assert.equal(await sandbox.status(link), 'open');
  assert.equal((await send('same-origin')).status, 303);
});

test('a page cannot be framed', async () => {
  const link = await sandbox.createLink();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto('about:blank');
  await page.setContent(`<iframe src="${link.url}"></iframe>`);
  await page.waitForTimeout(500);
  assert.equal(await page.frameLocator('iframe').getByRole('button').count(), 0);
  await context.close();
});
