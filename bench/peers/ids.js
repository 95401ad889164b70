// UUIDs (RFC 9562) as 16-byte buffers; random bytes are drawn in large portions because one call costs a microsecond.
import { randomFillSync } from 'node:crypto';

const pool = Buffer.alloc(16 * 1024);
let used = pool.length;

function randomUuid() {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = Buffer.from(pool.subarray(used, used + 16));
  used += 16;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes;
}

export function uuidV4() {
  const bytes = randomUuid();
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  return bytes;
}

export function uuidV7(milliseconds) {
  const bytes = randomUuid();
  bytes.writeUIntBE(milliseconds, 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  return bytes;
}

export function uuidText(bytes) {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
