// Somebody who goes on using a credential on a connection of his own: how long it is served.

import assert from 'node:assert/strict';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const pause = 5;  // ms between two requests
// Nodes ask anew every 500 ms: shortly after that is the worst moment for an end.
const worstMoment = 550;  // ms

export class Use {
  lastGood = 0;  // when the last request that was served began
  refused = 0;
  others = [];   // answers that are neither
  isOver = false;

  // `ask` sends one request by that agent and gives its status.
  static begin(ask) {
    const use = new this();
    use.done = use.goOn(ask);
    return use;
  }

  async goOn(ask) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    while (!this.isOver) {
      const at = Date.now();
      const status = await ask(agent);
      if (status === 200) this.lastGood = at;
      else if (status === 401) this.refused += 1;
      else this.others.push(status);
      await sleep(pause);
    }
    agent.destroy();
  }
}

// Ends a credential while all of them use it. How many milliseconds longer each was served; a second at most.
export async function assertEndsWithinASecond(uses, end) {
  await sleep(worstMoment);
  for (const use of uses) assert.ok(use.lastGood > 0 && use.refused === 0, 'it was not good before');
  await end();
  const endedAt = Date.now();
  await sleep(1_500);
  for (const use of uses) use.isOver = true;
  await Promise.all(uses.map((use) => use.done));
  const late = uses.map((use) => Math.max(use.lastGood - endedAt, 0));
  for (const [i, use] of uses.entries()) {
    assert.ok(late[i] <= 1_000, `it was served for ${late[i]} ms longer`);
    assert.ok(use.refused > 10, 'it was hardly refused');
    assert.deepEqual(use.others, []);
  }
  return late;
}
