// The one writer of peer (f): stores each batch it is sent in one durable transaction, and answers what became of each
// of its links. Null ends it.
import { parentPort, workerData } from 'node:worker_threads';
import { linkStore, openDatabase } from './database.js';

const db = openDatabase(workerData.dataDir, workerData.migrationsDir, workerData.first);
const store = linkStore(db);
const storeAll = db.transaction((batch) => batch.map(({ row, event }) => store(row, event)));

parentPort.on('message', (batch) => {
  if (batch) return parentPort.postMessage(storeAll.immediate(batch));
  db.close();
  parentPort.close();
});
