// Requests of which two readers may think differently, each with a second one hidden in what may be its body.

import fc from 'fast-check';

const chunked = (hidden) => `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;
const spaces = ['', ' ', '\t', '  ', '\v', '\f', '\r', '\0', '\xa0', ' \t'];
const ends = ['\r\n', '\n', '\r', '\r\r\n', '\n\r\n', '\r\n ', '\r\n\t', '\0\r\n', ' \r\n'];
const codings = ['chunked', 'Chunked', 'CHUNKED', 'xchunked', '"chunked"', 'chunked;a=b', 'chunked,', ',chunked',
  'identity', 'gzip, chunked', 'chunked, gzip', 'chunked, chunked', 'chunked\0', '\vchunked', 'chunkeD', 'cow', '',
  'chunked\r\n ,identity', 'identity, chunked', 'chun\tked', 'c hunked', '(a) chunked'];
const lengths = [(n) => `${n}`, (n) => `+${n}`, (n) => `-${n}`, (n) => `0${n}`, (n) => `0x${n.toString(16)}`,
  (n) => `${n}, ${n}`, (n) => `${n},0`, (n) => `${n}.0`, (n) => `${n} 0`, (n) => `${n}\0`, (n) => `"${n}"`,
  (n) => `${n}e0`, (n) => ` ${n} `, (n) => `${n + 2 ** 32}`, () => '18446744073709551616', () => '0', () => '', (n) =>
    `${n};`];
const sizes = [(hex) => hex, (hex) => `0${hex}`, (hex) => `+${hex}`, (hex) => `0x${hex}`, (hex) => `${hex} `,
  (hex) => ` ${hex}`, (hex) => `${hex};a=b`, (hex) => `${hex};a="\n"`, (hex) => `${hex}\t`, (hex) => `${hex};\r`,
  (hex) => `1${'0'.repeat(16)}${hex}`, (hex) => `${Number.parseInt(hex, 16)}`, (hex) => `-${hex}`, (hex) => `${hex}_`,
  (hex) => `${hex}\0`];
const lengthNames = ['Content-Length', 'content-length', 'Content_Length', 'Content-Length ', ' Content-Length',
  'Content-Length\t', '\0Content-Length', 'X: y\nContent-Length', 'Content-Lenght', 'X: y\rContent-Length'];
const codingNames = ['Transfer-Encoding', 'transfer-encoding', 'Transfer_Encoding', 'Transfer-Encoding ',
  ' Transfer-Encoding', 'Transfer-Encoding\t', 'Transfer\x08-Encoding', 'X: y\nTransfer-Encoding',
  'X: y\rTransfer-Encoding', 'Transfer-Encoding\0', 'Trailer: x\r\n Transfer-Encoding'];
const versions = ['HTTP/1.1', 'HTTP/1.0', 'HTTP/1.2', 'HTTP/2.0', 'http/1.1', 'HTTP/1.1 ', 'HTTP/01.1', 'HTTP/0.9', ''];
const targets = [(t) => t, (t) => `http://127.0.0.1${t}`, (t) => `//x${t}`, (t) => `${t}#a`, (t) => `${t}\t`, (t) =>
  `${t}%0d%0aX:%20y`, (t) => `${t}\0`, (t) => t.replace('/', '/%2e/'), (t) => `http://u@x${t}`];
const extras = ['', '', 'Expect: 100-continue', 'Connection: Content-Length', 'Connection: Transfer-Encoding',
  'Connection: close', 'Connection: keep-alive, TE', 'TE: trailers',
  'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings',
  'Host: other', 'X\0: y', 'X : y', ': y', 'X', 'X: a\r\n b', 'Trailer: Content-Length', 'X: \x01'];

const usually = (usual, list) => fc.oneof({ weight: 12, arbitrary: fc.constant(usual) },
  { weight: 2, arbitrary: fc.constantFrom(...list) });

const field = (names, values) => fc.record({ name: usually(names[0], names), before: usually(' ', spaces),
  value: usually(values[0], values), end: usually('\r\n', ends) });

export const attack = fc.record({
  method: fc.constantFrom('POST', 'POST', 'POST', 'GET', 'PUT', 'HEAD', 'BREW'),
  target: usually(targets[0], targets),
  version: usually('HTTP/1.1', versions),
  lengths: fc.array(field(lengthNames, lengths), { maxLength: 2 }),
  codings: fc.array(field(codingNames, codings), { maxLength: 2 }),
  isCodingFirst: fc.boolean(),
  extra: fc.constantFrom(...extras),
  size: usually(sizes[0], sizes),
  body: fc.constantFrom('chunks', 'chunks', 'plain', 'ended', 'chunked end', 'bare chunks'),
  claimed: fc.constantFrom('all', 'none', 'few'),  // of the body, by the Content-Length
});

// The bytes on the wire; `of(kind)` is the target of the request itself or of the one that it hides.
export function bytesOf(drawn, of) {
  const hidden = `GET ${of('hidden')} HTTP/1.1\r\nHost: a\r\nX: `;
  const whole = `GET ${of('hidden')} HTTP/1.1\r\nHost: a\r\n\r\n`;
  const size = drawn.size(whole.length.toString(16));
  const body = {
    chunks: `${size}\r\n${whole}\r\n0\r\n\r\n`,
    plain: whole,
    ended: `0\r\n\r\n${whole}`,
    'chunked end': `0\r\n\r\n${hidden}`,
    'bare chunks': chunked(whole).replaceAll('\r\n0', '\n0'),
  }[drawn.body];
  const claimed = { all: body.length, none: 0, few: 5 }[drawn.claimed];
  const lines = [
    ...drawn.lengths.map(({ name, before, value, end }) => `${name}:${before}${value(claimed)}${end}`),
    ...drawn.codings.map(({ name, before, value, end }) => `${name}:${before}${value}${end}`)];
  if (drawn.isCodingFirst) lines.reverse();
  const extra = drawn.extra && `${drawn.extra}\r\n`;
  const first = `${drawn.method} ${drawn.target(of('first'))} ${drawn.version}\r\n`;
  return Buffer.from(`${first}Host: a\r\n${extra}${lines.join('')}\r\n${body}`, 'latin1');
}
