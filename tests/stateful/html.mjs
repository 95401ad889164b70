// What a page may consist of: the tags of its templates with their attributes. A text that adds another is not inert.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

function* tagsOf(html) {
  for (const [whole, name, rest] of html.matchAll(/<(\/?[^\s>]*)((?:"[^"]*"|'[^']*'|[^"'>])*)>/g)) {
    const attributes = [...rest.matchAll(/([^\s"'=/>]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?/g)];
    const pairs = attributes.map(([, key, value]) => [key.toLowerCase(), value]);
    yield { whole, name: name.toLowerCase(), attributes: pairs };
  }
}

const allowed = new Map();
for (const folder of ['web/checkout', 'web/shared'])
  for (const file of fs.readdirSync(path.join(root, folder))) {
    const template = fs.readFileSync(path.join(root, folder, file), 'utf8').replace(/\{\{[^}]*\}\}/g, ' ');
    for (const { name, attributes } of tagsOf(template)) {
      const known = allowed.get(name) ?? new Set();
      attributes.forEach(([key]) => known.add(key));
      allowed.set(name, known);
    }
  }
assert.ok(allowed.size > 20, 'the templates of the pages were not found');

export function assertInert(html) {
  const tags = [...tagsOf(html)];
  assert.equal(tags.length, html.split('<').length - 1, 'there is a < that begins no tag');
  for (const { whole, name, attributes } of tags)
    for (const [key, value] of [['', ''], ...attributes]) {
      const known = allowed.get(name);
      assert.ok(known && (key === '' || known.has(key)), `not of the page's templates: ${whole}`);
      if (['href', 'action', 'src'].includes(key)) assert.match(value, /^"(\/|#|https?:)/, whole);
    }
}

export const unescaped = (html) => html
  .replace(/&#x([0-9a-f]+);/gi, (_, hex) => String.fromCodePoint(parseInt(hex, 16)))
  .replace(/&#(\d+);/g, (_, digits) => String.fromCodePoint(Number(digits)))
  .replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&apos;', "'")
  .replaceAll('&amp;', '&');
