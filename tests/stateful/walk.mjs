// Walks the payment-links API in sequences of random steps and holds every answer against a model; see README.md.

import fc from 'fast-check';
import { reconnect } from './merchant.mjs';
import { step, take } from './steps.mjs';
import { World } from './world.mjs';

const whole = (name, fallback, max) => {
  const value = Number(process.env[name] ?? fallback);
  if (Number.isInteger(value) && value >= 0 && value <= max) return value;
  console.error(`${name} must be a whole number of at most ${max}.`);
  process.exit(2);
};
const steps = whole('STEPS', 20_000, 100_000_000);
const seed = whole('SEED', Math.floor(Math.random() * 2 ** 31), 2 ** 31 - 1);
const lanes = whole('LANES', 3, 64);
const only = process.env.SEQUENCE === undefined ? null : whole('SEQUENCE', 0, 10_000_000);

const linksMax = 3_000;       // of one sandbox: then a new one is started, so that computing its lists stays quick
const shrinkingMax = 60_000;  // ms
const counts = new Map();
let taken = 0, sequences = 0, next = only ?? 0, exchanges = 0;
const failures = [];

class Step {
  constructor(drawn) {
    this.drawn = drawn;
  }

  check() {
    return true;
  }

  async run(mine, lane) {
    if (!lane.failed) {
      taken += 1;
      counts.set(this.drawn.kind, (counts.get(this.drawn.kind) ?? 0) + 1);
    }
    await take(lane.world, mine, this.drawn);
  }

  toString() {
    return JSON.stringify(this.drawn, (key, value) => (typeof value === 'function' ? undefined : value));
  }
}

async function renew(lane) {
  if (lane.world) exchanges += lane.world.exchanges;
  await lane.world?.stop();
  lane.world = undefined;
  lane.world = await World.start();
}

async function walkSequence(lane, index) {
  if (!lane.world || lane.world.links.length > linksMax) await renew(lane);
  const commands = fc.commands([step.map((drawn) => new Step(drawn))], { maxCommands: 300, size: 'max' });
  let deadline = Infinity;
  const property = fc.asyncProperty(commands, async (sequence) => {
    // Nothing smaller is tried any more. fast-check's own limit would leave a sequence running that nobody waits for.
    if (Date.now() > deadline) return;
    if (lane.failed) await renew(lane);  // what went wrong may have left more than the model knows of
    await reconnect(lane.world);
    try {
      await fc.asyncModelRun(() => ({ model: [], real: lane }), sequence);
    } catch (error) {
      if (!lane.failed) console.log(`sequence ${index} failed, and is being shrunk: ${error.message.slice(0, 500)}`);
      if (!lane.failed) deadline = Date.now() + shrinkingMax;
      lane.failed = true;
      throw error;
    }
  });
  const own = (seed + index * 0x9e3779b1) | 0;
  const outcome = await fc.check(property, { seed: own, numRuns: 1, unbiased: true });
  sequences += 1;
  if (!outcome.failed) return;
  lane.failed = true;
  const error = outcome.errorInstance;
  const again = `SEED=${seed} SEQUENCE=${index} tests/stateful/run`;
  failures.push(`FAIL sequence ${index} (again: ${again}), shrunk ${outcome.numShrinks} times to\n`
    + `${String(outcome.counterexample?.[0]).split('},{').join('},\n{')}\n${error?.stack ?? outcome.error}`);
  console.log(failures.at(-1));
}

async function walkLane() {
  const lane = { world: undefined, failed: false };
  try {
    while (taken < steps && failures.length === 0 && !lane.failed) {
      const index = next++;
      await walkSequence(lane, index);
      if (only !== null) break;
    }
  } finally {
    exchanges += lane.world?.exchanges ?? 0;
    await lane.world?.stop();
  }
}

console.log(`SEED=${seed} STEPS=${steps}`);
const begun = Date.now();
await Promise.all(Array.from({ length: only === null ? lanes : 1 }, walkLane));
console.log([...counts].sort((a, b) => b[1] - a[1]).map(([kind, count]) => `${kind} ${count}`).join(', '));
console.log(`${taken} steps, ${exchanges} answers, ${((Date.now() - begun) / 1000).toFixed(1)} s`);
console.log(`${sequences - failures.length} passed, ${failures.length} failed`);
process.exitCode = failures.length > 0 || taken === 0 ? 1 : 0;
