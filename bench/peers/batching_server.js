// Peer (f): peer (a) with what a Node programmer would write by hand to beat it. A thread of its own writes; whatever
// has arrived while it made one transaction durable goes into the next one, and nobody is answered before the end of
// his own.
//
//   node batching_server.js DATA_DIR MIGRATIONS_DIR      prints {"port":…,"authorization":"…"} once it serves
import { Worker } from 'node:worker_threads';
import { authenticate, fault, firstRows, newApp, newLink, serve } from './links.js';
import { createBody, createdAnswer } from './schemas.js';

const [dataDir, migrationsDir] = process.argv.slice(2);
const writer = new Worker(new URL('./batching_worker.js', import.meta.url),
  { workerData: { dataDir, migrationsDir, first: firstRows() } });
const app = newApp();

let waiting = [];
let underWay = null;
let isDue = false;

function begin() {
  isDue = false;
  if (underWay || waiting.length === 0) return;
  underWay = waiting;
  waiting = [];
  writer.postMessage(underWay.map(({ made }) => ({ row: made.row, event: made.event })));
}

writer.on('message', (stored) => {
  const batch = underWay;
  underWay = null;
  begin();
  for (const [i, { made, reply }] of batch.entries()) {
    if (stored[i]) reply.code(201).send({ payment_link: made.link });
    else fault(reply, 400, 'invalid', 'connection with the provider does not exist');
  }
});

app.post('/v2/payment_links', {
  schema: { body: createBody, response: { 201: createdAnswer } },
  onRequest: authenticate,
}, (request, reply) => {
  const made = newLink(request.body.payment_link);
  if (!made) return fault(reply, 400, 'invalid', 'an amount is not acceptable');
  waiting.push({ made, reply });
  // After every request that can be read now: the loop looks at all sockets before it comes to this.
  if (!underWay && !isDue) setImmediate(begin);
  isDue = true;
});

await serve(app, () => writer.postMessage(null));
