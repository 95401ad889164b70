// Whom the table of attacks is about: two applications with secrets and the same address, one that may do little, one
// that may do nothing here, a public one, one that is gone; the owner and somebody who only looks, both signed in, and
// nobody.

import { Server } from './server.mjs';
import { Person } from './person.mjs';

export const uri = 'https://shop.example/callback';

export class World {
  static async make() {
    const world = new this();
    const server = await Server.open();
    const scopes = ['payment_link.read', 'payment_link.write', 'offline_access'];
    const add = (name, more) => server.addApplication({ name, uris: [uri], scopes, ...more });
    const shop = await add('Shop', { uris: [uri, 'https://shop.example/other?a=1'] });
    const other = await add('Other shop', {});
    const reader = await add('Reader', { scopes: ['payment_link.read'] });
    const idle = await add('Idle', { scopes: ['team.read'] });
    const till = await add('Till', { isPublic: true, uris: ['com.example.till:/callback', 'http://127.0.0.1/till'] });
    const gone = await add('Gone', {});
    await server.operate('clients', 'delete', gone.id);
    const owner = await server.owner.signIn();
    const looker = await (await server.addPerson({ email: 'looker@acme.example', role: 'reporter' })).signIn();
    Object.assign(world, { server, shop, other, reader, idle, till, gone, owner, looker });
    world.applications = [shop, other, reader, idle, till];
    // Allowed once, they are not asked about again: a code is one request.
    for (const application of [shop, other, reader, idle]) await application.connect(owner);
    world.secrets = new Map([
      [server.ready.user.password, 'the password'],
      [owner.cookies.get('paylink_session'), 'the session'],
      ...world.applications.map((one) => [one.verifier, 'a verifier']),
      ...[shop, other, reader].map((one) => [one.secret, 'a client secret']),
    ]);
    return world;
  }

  get nobody() {
    return new Person(this.server, this.server.ready.user);
  }

  get issuer() {
    return this.server.issuer;
  }

  stop() {
    return this.server.stop();
  }
}
