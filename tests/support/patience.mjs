// How often, and how long.

import { setTimeout as sleep } from 'node:timers/promises';

// How often something is done; the tests have less time than a campaign.
export function times(fallback) {
  const value = Number(process.env.N ?? fallback);
  if (!Number.isInteger(value) || value < 1) throw new Error('N must be a whole number from 1.');
  return value;
}

// Waits until `check` answers something true, which it answers too.
export async function eventually(what, check, patience = 20_000) {
  const end = Date.now() + patience;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${patience / 1000} s`);
    await sleep(50);
  }
}
