// Peer (a): the durable create of a payment link by Fastify and better-sqlite3, written as well as that stack
// allows: one process, prepared statements, compiled validation and serialization, one durable transaction a
// request.
//
//   node server.js DATA_DIR MIGRATIONS_DIR      prints {"port":…,"authorization":"…"} once it serves
import { linkStore, openDatabase } from './database.js';
import { authenticate, fault, firstRows, newApp, newLink, serve } from './links.js';
import { createBody, createdAnswer } from './schemas.js';

const db = openDatabase(process.argv[2], process.argv[3], firstRows());
const create = db.transaction(linkStore(db));
const app = newApp();

app.post('/v2/payment_links', {
  schema: { body: createBody, response: { 201: createdAnswer } },
  onRequest: authenticate,
}, (request, reply) => {
  const made = newLink(request.body.payment_link);
  if (!made) return fault(reply, 400, 'invalid', 'an amount is not acceptable');
  if (!create.immediate(made.row, made.event)) {
    return fault(reply, 400, 'invalid', 'connection with the provider does not exist');
  }
  reply.code(201).send({ payment_link: made.link });
});

await serve(app, () => db.close());
