// Texts that have broken programs before: markup, queries, templates, other scripts, what is invisible, what looks like
// something else. `plain` must come back as they were sent; `refused` hold control characters and must not be taken.

const markup = [
  '<script>alert(1)</script>', '"><script>alert(1)</script>', "'><script>alert(1)</script>",
    '</title><script>x</script>',
  '<img src=x onerror=alert(1)>', '<svg/onload=alert(1)>', '<svg><script>1&#40;1)', '</textarea><b>', '</style><b>',
  '<a href="javascript:alert(1)">x</a>', '<iframe src=javascript:alert(1)>', '<body onload=x>', '<<b>>', '<b',
    '&lt;b&gt;',
  '&amp;', '&#60;b&#62;', '&nbsp;', '&', '<', '>', '"', "'", '`', '<!--', '-->', '<![CDATA[x]]>',
    '<?xml version="1.0"?>',
  '<!doctype html>', '<math><mi//xlink:href="data:x,<script>1</script>">', '" onmouseover="x',
    "' onfocus='x' autofocus='",
  'javascript:alert(1)', 'data:text/html,<script>1</script>', '<ScRiPt>1</sCrIpT>', '<scr<script>ipt>',
    '＜script＞1＜/script＞',
  '<base href=//x>', '<meta http-equiv=refresh content=0>', '<form action=//x>', '<style>*{display:none}</style>',
];
const languages = [
  "' OR 1=1 --", "'; DROP TABLE payment_links; --", '" OR ""="', "Robert'); DROP TABLE students;--", '1;SELECT 1', '%',
    '_',
  "' UNION SELECT NULL --", '$1', '?1', ':id', '@p', '{{7*7}}', '${7*7}', '#{7*7}', '<%= 7*7 %>', '{{{x}}}',
    '{{#items}}',
  '{{/items}}', '{{^x}}', '{{!x}}', '{{>x}}', '{{&x}}', '{{=<% %>=}}', '{%x%}', '%s%n%d', '%x%x%x', '%n', '%00', '%0a',
    '%20',
  '%2e%2e%2f', '../../../etc/passwd', '..\\..\\x', '/dev/null', 'C:\\x', 'file:///etc/passwd', '$(id)', '`id`', '; id',
    '| id',
  '&& id', '$HOME', '%PATH%', '=1+1', '+1', '-1', '@SUM(1)', '() { :;}; x', '*)(uid=*', '{"$gt":""}', '\\', '\\\\',
    '\\"',
  '\\u0000', '\\n', '\\x41', '"', '""', ',', ';', ':', '[', ']', '{', '}', '{}', '[]', '"quoted"', "it's", '/', '//',
    '/*', '*/',
];
const values = [
  'undefined', 'undef', 'null', 'NULL', '(null)', 'nil', 'NIL', 'true', 'false', 'True', 'None', 'hasOwnProperty',
    '__proto__',
  'constructor', 'then', '0', '1', '-0', '1.00', '$1.00', '1/2', '1E2', '1E+02', '-1.00', '0/0', '1,000.00',
    '1 000,00', '0x0',
  '0xffffffff', '0b1', '012', 'NaN', 'Infinity', '-Infinity', 'INF', '1#INF', '1e400', '2147483648', '-2147483649',
  '9223372036854775808', '999999999999999999999999', '0.30000000000000004', '2026-02-30', 'CON', 'NUL', 'COM1', 'A',
    ' ', '   ',
  ' x ', '.', '..', '...', '-', '--', '--help', '-h', '#', '~', '!', 'a'.repeat(60),
];
const scripts = [
  'é', 'e\u0301', 'ß', 'ẞ', 'İ', 'ı', 'ſ', 'ﬁ', 'Å', '\u212b', 'Ω', '\u2126', 'ﷺ', 'ﷻ', '田中さんにあげて下さい', 'パーティーへ行かないか',
    '和製漢語',
  '部落格', '사회과학원', '찦차', '울란바토르', '𠜎𠜱𠝹', '表ポあA鷗', 'Ⱥ', 'Ⱦ', 'הָיְתָה', 'בְּרֵאשִׁית', 'مرحبا', 'ٱلسَّلَامُ', 'हिन्दी',
    'ไทย', 'Ελληνικά',
  'Русский', 'ЁЂЃЄЅ', '⁰⁴⁵', '₀₁₂', '١٢٣', '１２３', '😍', '👩🏽', '👨‍🦰', '👨‍👩‍👧‍👦', '🇺🇸🇷🇺', '🇺', '✋🏿', '0️⃣', '( ͡° ͜ʖ ͡°)',
    '(╯°□°)╯︵ ┻━┻',
  'T̗o͏̯ ̟i̬n͖v͢o҉', '𝕿𝖍𝖊', '🅃🄷🄴', '˙ɐnbᴉlɐ', 'ʇ', '\u{10ffff}', '\ufffd', '\ufffe', '\uffff', '\ue000',
    '\u{1f600}\u{fe0f}',
];
const invisible = [
  '\u00a0', '\u00ad', '\u034f', '\u061c', '\u1680', '\u180e', '\u2000', '\u200b', '\u200c', '\u200d', '\u200e',
    '\u200f', '\u2028',
  '\u2029', '\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u202f', '\u205f', '\u2060', '\u2066', '\u2067',
    '\u2069', '\u3000',
  '\ufeff', '\ufff9', '\u{e0001}', '\u{e0041}', 'a\u202eb', '\ufeffa', 'a\u200bb', '\u2028x\u2029',
];

export const plain = [...markup, ...languages, ...values, ...scripts, ...invisible];

export const refused = [
  '\u0000', 'a\u0000b', '\u0001', '\u0007', '\b', '\t', 'a\tb', '\n', 'a\r\nb', '\u000b', '\f', '\u001b[31mred',
    '\u001f', '\u007f',
  '\u0080', '\u0085', '\u009b', '\u009f',
];
