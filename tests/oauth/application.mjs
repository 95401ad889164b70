// An application as plain requests, so that each of them can be wrong in a way that no library lets one be.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';

const word = (bytes) => randomBytes(bytes).toString('base64url');

export const challengeOf = (verifier) => createHash('sha256').update(verifier).digest('base64url');

export class Application {
  constructor(server, { client_id: id, client_secret: secret, name, redirect_uris: uris, scopes }) {
    Object.assign(this, { server, id, secret, name, uris, scopes });
    this.verifier = word(32);  // of all its requests: what is not secret here need not be new each time
  }

  get isPublic() {
    return this.secret === undefined;
  }

  // The parameters of a good request to the authorization endpoint; `undefined` leaves one out.
  request(changes = {}) {
    const all = {
      client_id: this.id,
      redirect_uri: this.uris[0],
      response_type: 'code',
      scope: this.scopes.join(' '),
      state: word(12),
      code_challenge: challengeOf(this.verifier),
      code_challenge_method: 'S256',
      ...changes,
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  }

  get basic() {
    const pair = [this.id, this.secret].map(encodeURIComponent).join(':');
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  }

  // As it proves who it is unless a test says otherwise.
  proof() {
    return this.isPublic ? { client_id: this.id } : { client_id: this.id, client_secret: this.secret };
  }

  post(target, form, headers = {}) {
    return this.server.send('POST', target, { form, headers });
  }

  // The form that exchanges a code.
  codeForm(code, changes = {}) {
    const all = {
      grant_type: 'authorization_code', code, redirect_uri: this.uris[0], code_verifier: this.verifier,
      ...this.proof(), ...changes,
    };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  }

  refreshForm(token, changes = {}) {
    const all = { grant_type: 'refresh_token', refresh_token: token, ...this.proof(), ...changes };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  }

  exchange(code, changes) {
    return this.post('/oauth2/token', this.codeForm(code, changes));
  }

  refresh(token, changes) {
    return this.post('/oauth2/token', this.refreshForm(token, changes));
  }

  revoke(token, changes = {}) {
    return this.post('/oauth2/revoke', { token, ...this.proof(), ...changes });
  }

  // The same, for what has to be done: the tokens.
  async tokens(answer) {
    const { status, json, text } = await answer;
    assert.equal(status, 200, text);
    return { access: json.access_token, refresh: json.refresh_token, scope: json.scope };
  }

  // Everything at once: somebody who is signed in allows it, and it comes for its tokens.
  async connect(person, changes) {
    return this.tokens(this.exchange(await person.code(this, changes)));
  }
}
