// Signing in and looking after an account, in a real browser.

import assert from 'node:assert/strict';
import http from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';
import { Visitor, browser, sandbox } from './sandbox.mjs';

// The password of the sandbox's user; a test that changes it says so.
let password;
const credentials = () => ({ email: sandbox.ready.user.email, password: password ?? sandbox.ready.user.password });

// Of all our pages, one sets a cookie.
class Member extends Visitor {
  mayHaveCookie(response) {
    return new URL(response.url()).pathname === '/sign-in';
  }

  async signIn({ email, password: typed } = credentials(), from = '/sign-in') {
    await this.page.goto(sandbox.ready.base_url + from);
    await this.page.getByLabel('E-mail address').fill(email);
    await this.page.getByLabel('Password').fill(typed);
    await this.page.getByRole('button', { name: 'Sign in' }).click();
  }

  async enter(from) {
    await this.signIn(credentials(), from);
    await this.page.getByRole('button', { name: 'Sign out', exact: true }).waitFor();
  }

  goto(path) {
    return this.page.goto(sandbox.ready.base_url + path);
  }

  // Sends the page's form as it is, whatever the browser thinks of it.
  async sendAnyway() {
    await this.page.locator('main form').evaluate((form) => { form.noValidate = true; });
    await this.page.locator('main form button').click();
  }
}

async function visit(options, steps) {
  const member = await Member.come(browser, sandbox, options);
  await steps(member, member.page);
  await member.leave();
}

const phone = { width: 360, height: 740, hasTouch: true, isMobile: true };

for (const script of [false, true])
  test(`signs in and out with script ${script ? 'enabled' : 'disabled'}`, async () => {
    await visit({ script }, async (member, page) => {
      await member.goto('/account');
      assert.equal(new URL(page.url()).pathname, '/sign-in');
      await member.enter('/account');
      assert.equal(new URL(page.url()).pathname, '/account');
      await member.heading('Your account');
      const said = await page.getByRole('main').textContent();
      for (const part of ['Acme Sandbox', 'Owner', 'No application is connected.', 'Chrome on', 'This browser', 'UTC'])
        assert.ok(said.includes(part), `the account page lacks ${part}`);
      assert.ok((await page.getByRole('banner').textContent()).includes(sandbox.ready.user.email));

      const cookies = await member.context.cookies();
      assert.deepEqual(cookies.map((cookie) => cookie.name).sort(), ['paylink_browser', 'paylink_session']);
      for (const cookie of cookies) {
        assert.equal(cookie.httpOnly, true);
        assert.equal(cookie.sameSite, 'Lax');
        assert.equal(cookie.path, '/');
      }
      await page.getByRole('button', { name: 'Sign out', exact: true }).click();
      assert.equal(await page.getByRole('status').textContent(), 'You are signed out.');
      await member.goto('/account');
      assert.equal(new URL(page.url()).pathname, '/sign-in');
      await page.goBack();
      await member.heading('Sign in');
    });
  });

test('comes back to the page that was asked for', async () => {
  await visit({ script: false }, async (member, page) => {
    await member.enter('/account/password');
    await member.heading('Change password');
    assert.equal(new URL(page.url()).pathname, '/account/password');
    await member.goto('/sign-in?return=%2Faccount%2Fpassword');
    await member.heading('Change password');
    await member.goto('/sign-in?return=https%3A%2F%2Fevil.example%2F');
    await member.heading('Your account');
  });
});

test('a wrong password is told, the address is kept', async () => {
  await visit(phone, async (member, page) => {
    await member.signIn({ email: 'somebody@example.com', password: 'wrong' });
    await page.getByRole('alert').waitFor();
    assert.match(await page.title(), /^Error: /);
    assert.equal(await page.getByLabel('E-mail address').inputValue(), 'somebody@example.com');
    assert.equal(await page.getByLabel('Password').inputValue(), '');
    await page.getByRole('link', { name: 'The e-mail address or the password is wrong.' }).click();
    assert.equal(await page.getByLabel('Password').evaluate((field) => field === document.activeElement), true);
    await member.checkAccessibility();
    await page.getByLabel('E-mail address').fill('');
    await member.sendAnyway();
    assert.deepEqual(await page.getByRole('alert').getByRole('link').allTextContents(),
      ['Enter your e-mail address.', 'Enter your password.']);
    await member.checkAccessibility();
  });
});

test('after ten wrong passwords a page says when to come back', async () => {
  const email = 'tried@example.com';
  await visit(phone, async (member, page) => {
    for (let tries = 0; tries < 10; tries += 1) {
      await member.signIn({ email, password: `wrong ${tries}` });
      await page.getByRole('alert').waitFor();
    }
    const [answer] = await Promise.all([
      page.waitForResponse((response) => response.request().method() === 'POST'),
      member.signIn({ email, password: 'wrong again' }),
    ]);
    assert.equal(answer.status(), 429);
    await member.heading('Too many attempts');
    assert.match(await page.getByRole('main').textContent(), /Please wait 15 minutes/);
    await member.checkAccessibility();
    await sandbox.advance(`${answer.headers()['retry-after']}s`);
    await member.signIn({ email, password: 'wrong again' });
    await page.getByRole('alert').waitFor();
  });
});

test('signing out everywhere ends the other browser\'s session', async () => {
  await visit({ script: false }, (first, firstPage) => visit({ script: false }, async (second, secondPage) => {
    await first.enter();
    await second.enter();
    assert.ok(await secondPage.locator('.session').count() >= 2);
    await secondPage.getByRole('button', { name: 'Sign out everywhere' }).click();
    assert.equal(await secondPage.getByRole('status').textContent(), 'You are signed out everywhere.');
    await first.goto('/account');
    await first.heading('Sign in');
    await firstPage.getByLabel('E-mail address').waitFor();
  }));
});

test('changes the password, which ends the other browser\'s session', async () => {
  const before = credentials();
  const chosen = 'correct horse battery staple';
  await visit({ script: false }, (other) => visit(phone, async (member, page) => {
    const change = async (current, next, again = next) => {
      await page.getByLabel('Current password').fill(current);
      await page.getByLabel('New password', { exact: true }).fill(next);
      await page.getByLabel('New password, once more').fill(again);
      await member.sendAnyway();
    };
    await other.enter();
    await member.enter('/account/password');
    await member.checkAccessibility();
    for (const [current, next, again, told] of [
      ['', 'short', 'short', ['Enter your current password.', 'Choose a new password of at least 12 characters.']],
      ['x', before.email, before.email, ['Choose a new password that is not your e-mail address.']],
      ['x', 'aaaaaaaaaaaaa', 'aaaaaaaaaaaaa', ['Choose a new password of more than one character.']],
      [before.password, before.password, before.password, ['Choose a new password that is not the current one.']],
      [before.password, chosen, `${chosen}.`, ['Enter the same new password twice.']],
      ['not the current one', chosen, chosen, ['The current password is wrong.']],
    ]) {
      await change(current, next, again);
      await page.getByRole('alert').waitFor();
      assert.deepEqual(await page.getByRole('alert').getByRole('link').allTextContents(), told);
      assert.equal(await page.getByLabel('New password', { exact: true }).inputValue(), '');
    }
    await member.checkAccessibility();
    await other.goto('/account');
    await other.heading('Your account');

    await change(before.password, chosen);
    assert.match(await page.getByRole('status').textContent(), /^Your password has been changed\./);
    await member.checkAccessibility();
    password = chosen;
    await other.goto('/account');
    await other.heading('Sign in');
    await other.signIn(before);
    await other.page.getByRole('alert').waitFor();
    await other.enter();
  }));
});

function authorization(scope) {
  const { oauth_client: client, organization } = sandbox.ready;
  return `/oauth2/auth?${new URLSearchParams({
    client_id: client.client_id, redirect_uri: client.redirect_uri, response_type: 'code', state: '12345678', scope,
    organization_id: organization.id,
  })}`;
}

// What an application does to be allowed in, without a browser: answers its access token.
async function connect(scope) {
  const { base_url: base, oauth_client: client } = sandbox.ready;
  const cookies = new Map();
  const ask = async (path, form) => {
    const response = await fetch(base + path, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      body: form && new URLSearchParams(form),
    });
    for (const line of response.headers.getSetCookie?.() ?? [response.headers.get('set-cookie') ?? '']) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (name) cookies.set(name, value);
    }
    return { body: await response.text(), location: response.headers.get('location') };
  };
  const tokenOf = ({ body }) => / name="token" value="([^"]*)"/.exec(body)[1];
  await ask('/sign-in', { ...credentials(), token: tokenOf(await ask('/sign-in')) });
  const asked = await ask(authorization(scope));
  // It need not be asked for a second time.
  const { location } = asked.location
    ? asked : await ask(authorization(scope), { decision: 'approve', token: tokenOf(asked) });
  const response = await fetch(`${base}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code', code: new URL(location).searchParams.get('code'),
      redirect_uri: client.redirect_uri,
      client_id: client.client_id, client_secret: client.client_secret,
    }),
  });
  return (await response.json()).access_token;
}

test('revokes what an application may do', async () => {
  const token = await connect('offline_access organization.read payment_link.read');
  const status = async () => {
    const response = await fetch(`${sandbox.ready.base_url}/v2/organization`,
      { headers: { authorization: `Bearer ${token}` } });
    return response.status;
  };
  assert.equal(await status(), 200);
  await visit({ script: false }, async (member, page) => {
    await member.enter();
    const applications = page.getByRole('region', { name: 'Connected applications' });
    const said = await applications.textContent();
    for (const part of ['Sandbox application', 'Connected since', 'See the organization and its bank accounts.',
      'See payment links and their payments.', 'until you revoke it.'])
      assert.ok(said.includes(part), `the list lacks ${part}`);
    await page.getByRole('button', { name: 'Revoke access: Sandbox application' }).click();
    assert.equal(await page.getByRole('status').textContent(), 'The application has no access any more.');
    assert.match(await applications.textContent(), /No application is connected\./);
  });
  for (let waited = 0; waited < 50 && (await status()) !== 401; waited += 1)
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  assert.equal(await status(), 401);
});

test('signing in leads on to an application that is allowed in already', async () => {
  await connect('organization.read');
  const member = await Member.come(browser, sandbox, { script: false });
  try {
    const { redirect_uri: callback } = sandbox.ready.oauth_client;
    // Nobody listens there: what counts is that the browser asks.
    const [request] = await Promise.all([
      member.page.waitForRequest((one) => one.url().startsWith(callback)),
      member.signIn(credentials(), authorization('organization.read')),
    ]);
    assert.match(request.url(), /[?&]code=/);
  } finally {
    await member.context.close();
  }
});

test('asks for the password again', async () => {
  await visit(phone, async (member, page) => {
    await member.enter();
    await member.goto('/account/confirm?return=%2Faccount%2Fpassword');
    await member.checkAccessibility();
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Continue' }).click();
    assert.deepEqual(await page.getByRole('alert').getByRole('link').allTextContents(), ['The password is wrong.']);
    await page.getByLabel('Password').fill(credentials().password);
    await page.getByRole('button', { name: 'Continue' }).click();
    await member.heading('Change password');
  });
});

test('everything can be done with the keyboard alone', async () => {
  await visit({ width: 360, height: 740 }, async (member, page) => {
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
    await member.goto('/sign-in');
    await tabTo('email');
    await page.keyboard.type(credentials().email);
    await tabTo('password');
    await page.keyboard.type(credentials().password);
    await page.keyboard.press('Enter');
    await member.heading('Your account');
    await tabTo('Change password');
    await page.keyboard.press('Enter');
    await member.heading('Change password');
    await tabTo('Back to your account');
    await page.keyboard.press('Enter');
    await member.heading('Your account');
    await tabTo('Sign out everywhere');
    await page.keyboard.press('Enter');
    await member.heading('Sign in');
  });
});

for (const [locale, signedIn, changed] of [
  ['fr-FR', 'Votre compte', 'Changer de mot de passe'],
  ['de-DE', 'Ihr Konto', 'Passwort ändern'],
  ['es-ES', 'Su cuenta', 'Cambiar la contraseña'],
  ['it-IT', 'Il Suo account', 'Cambia password'],
  ['nl-NL', 'Uw account', 'Wachtwoord wijzigen'],
])
  test(`looks after an account on a phone that asks for ${locale}`, async () => {
    await connect('payment_link.create webhook');
    await visit({ locale, width: 320, height: 568, hasTouch: true, isMobile: true }, async (member, page) => {
      const check = async () => {
        assert.equal(await page.locator('html').getAttribute('lang'), locale.slice(0, 2));
        await member.checkAccessibility();
      };
      await member.goto('/sign-in');
      await member.sendAnyway();
      await page.getByRole('alert').waitFor();
      await check();
      await page.locator('#email').fill(credentials().email);
      await page.locator('#password').fill(credentials().password);
      await page.locator('main button').click();
      await member.heading(signedIn);
      await check();
      await member.goto('/account/password');
      await member.heading(changed);
      await member.sendAnyway();
      await page.getByRole('alert').waitFor();
      await check();
      await member.goto('/account/confirm');
      await check();
    });
  });

test('dark scheme: every page is readable', async () => {
  await connect('payment_link.create');
  await visit({ colorScheme: 'dark' }, async (member, page) => {
    await member.signIn({ email: 'dark@example.com', password: 'wrong' });
    await page.getByRole('alert').waitFor();
    await member.checkAccessibility();
    await member.enter();
    await member.checkAccessibility();
    await page.getByRole('button', { name: 'Revoke access: Sandbox application' }).click();
    await page.getByRole('status').waitFor();
    await member.checkAccessibility();
    await member.goto('/account/password');
    await member.checkAccessibility();
  });
});

test('a form of a session that has ended, or of no cookie, changes nothing and says why', async () => {
  await visit({ script: true }, async (member, page) => {
    await member.enter();
    await page.locator('form.everywhere input[name=token]').evaluate((field) => { field.value = 'x'; });
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await member.heading('Please do that again');
    await member.checkAccessibility();
    await page.getByRole('link', { name: 'Open your account' }).click();
    await member.heading('Your account');
    await member.context.clearCookies();
    await member.goto('/sign-in');
    await member.context.clearCookies();
    await page.getByLabel('E-mail address').fill(credentials().email);
    await page.getByLabel('Password').fill(credentials().password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await member.heading('Please do that again');
  });
});

test('is shown in no frame and signs nobody in from another site', async () => {
  const { base_url: base } = sandbox.ready;
  const other = http.createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<iframe src="${base}/sign-in"></iframe>
      <form method="post" action="${base}/sign-out"><button>Out</button></form>`);
  });
  other.listen(0, 'localhost');
  await once(other, 'listening');
  const member = await Member.come(browser, sandbox);
  try {
    await member.enter();
    const page = await member.context.newPage();
    await page.goto(`http://localhost:${other.address().port}/`);
    const frame = page.frames().find((one) => one !== page.mainFrame());
    await assert.rejects(frame.getByLabel('Password').waitFor({ timeout: 1_000 }));
    await page.getByRole('button', { name: 'Out' }).click();
    await page.getByRole('heading', { name: 'This was not sent by our own page' }).waitFor();
    await page.goto(`${base}/account`);
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
  } finally {
    await member.context.close();
    other.close();
  }
});
