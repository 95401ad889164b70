// Idempotency keys: what was answered under them, and how they are sent.

import assert from 'node:assert/strict';

const fields = ['Idempotency-Key', 'X-Qonto-Idempotency-Key'];
export const lifetime = 30 * 86_400_000;  // ms

export function newKey(world, drawn) {
  return drawn === null ? {} : { [fields[drawn % 2]]: `k-${world.exchanges}-${drawn}` };
}

// Remembers a success under the key it came with, if it came with one.
export function keep(world, headers, route, target, body, answer) {
  assert.equal(answer.headers['idempotent-replayed'], undefined, 'said to be a replay of nothing');
  const key = headers[fields[0]] ?? headers[fields[1]];
  if (!key) return;
  const { text, status } = answer;
  world.keys.set(`${route} ${key}`, { route, headers, target, body, text, status, at: world.now() });
}

// Headers that name no key.
export const wrongKeys = [
  { 'Idempotency-Key': '' }, { 'Idempotency-Key': 'k'.repeat(256) }, { 'Idempotency-Key': 'é' },
  { 'Idempotency-Key': ['a', 'a'] }, { 'Idempotency-Key': 'a', 'X-Qonto-Idempotency-Key': 'b' },
  { 'X-Qonto-Idempotency-Key': '' }, { 'X-Qonto-Idempotency-Key': 'k'.repeat(256) },
];
