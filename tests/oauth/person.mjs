// Somebody at a browser without script: keeps cookies, fills in the forms that pages have, and stops where the way
// leads to somebody else's address.

import assert from 'node:assert/strict';

import { unescaped } from '../stateful/html.mjs';

const attribute = (tag, name) => {
  const found = tag.match(new RegExp(`\\s${name}="([^"]*)"`));
  return found ? unescaped(found[1]) : undefined;
};

// The forms of a page: where each leads, what it carries, and its buttons by what is written on them.
export function formsOf(html) {
  return [...html.matchAll(/<form\b[^>]*>.*?<\/form>/gs)].map(([form]) => {
    const fields = [...form.matchAll(/<input\b[^>]*>/gs)]
      .map(([tag]) => [attribute(tag, 'name'), attribute(tag, 'value') ?? '']);
    const buttons = [...form.matchAll(/<button\b([^>]*)>(.*?)<\/button>/gs)].map(([, tag, text]) =>
      [unescaped(text.trim()), attribute(tag, 'name') && [attribute(tag, 'name'), attribute(tag, 'value')]]);
    return { action: attribute(form, 'action'), fields: Object.fromEntries(fields), buttons: new Map(buttons) };
  });
}

export const headingOf = (html) => unescaped(html.match(/<h1>(.*?)<\/h1>/s)?.[1] ?? '');

// What people read of it.
export const textOf = (html) => unescaped(html.replace(/<[^>]*>/g, ' ')).replace(/\s+/g, ' ');

// Where the link leads on which this is written.
export function linkOf(html, text) {
  const links = [...html.matchAll(/<a\b([^>]*)>(.*?)<\/a>/gs)];
  const found = links.find(([, , written]) => unescaped(written.trim()) === text);
  assert.ok(found, `there is no link ${text} on: ${headingOf(html)}`);
  return attribute(found[1], 'href');
}

export const queryOf = (parameters) => new URLSearchParams(parameters).toString();

export class Person {
  cookies = new Map();

  constructor(server, { email, password }) {
    Object.assign(this, { server, email, password });
  }

  // One request as the browser sends it.
  async ask(method, target, { headers = {}, form, body } = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const all = { ...(cookie && { cookie }), ...headers };
    const answer = await this.server.send(method, target, { headers: all, form, body });
    for (const line of answer.headers['set-cookie'] ?? []) this.keep(line);
    return answer;
  }

  keep(line) {
    const [pair, ...rest] = line.split('; ');
    const at = pair.indexOf('=');
    if (rest.includes('Max-Age=0')) this.cookies.delete(pair.slice(0, at));
    else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
  }

  // Goes on for as long as the way leads to pages of ours; `location` is where it leads out.
  async follow(answer) {
    for (let steps = 0; steps < 10; steps += 1) {
      const onward = answer.headers.refresh?.match(/^0; url=(.+)$/)?.[1];
      const { location = onward } = answer.headers;
      if (!location) return { ...answer, location: undefined };
      assert.equal(answer.status, onward ? 200 : 303, `${answer.status} to ${location}`);
      if (!location.startsWith('/') || location.startsWith('//')) return { ...answer, location };
      answer = await this.ask('GET', location);
    }
    return assert.fail('the way has no end');
  }

  async open(target) {
    return this.follow(await this.ask('GET', target));
  }

  // Sends a form of a page by one of its buttons; `fields` are typed or changed first.
  async press(page, button, fields = {}, headers = {}) {
    const form = formsOf(page.text).find(({ buttons }) => buttons.has(button));
    assert.ok(form, `there is no button ${button} on: ${headingOf(page.text)}`);
    const pressed = form.buttons.get(button);
    const all = { ...form.fields, ...(pressed && { [pressed[0]]: pressed[1] }), ...fields };
    return this.follow(await this.ask('POST', form.action, { form: all, headers }));
  }

  fill(page) {
    return this.press(page, 'Sign in', { email: this.email, password: this.password });
  }

  async signIn(target = '/account') {
    const answer = await this.fill(await this.open(`/sign-in?return=${encodeURIComponent(target)}`));
    assert.ok(this.cookies.has('paylink_session'), headingOf(answer.text));
    return this;
  }

  authorize(parameters) {
    return this.open(`/oauth2/auth?${queryOf(parameters)}`);
  }

  // Allows what is asked for, if it must be asked at all: where the application is called then.
  async allow(parameters) {
    const page = await this.authorize(parameters);
    const { location } = page.location ? page : await this.press(page, 'Allow');
    assert.ok(location, headingOf(page.text));
    return location;
  }

  // The same, for an application that asks as it should: the code.
  async code(application, changes) {
    const location = await this.allow(application.request(changes));
    const code = new URL(location).searchParams.get('code');
    assert.ok(code, location);
    return code;
  }
}
