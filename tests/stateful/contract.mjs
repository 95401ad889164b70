// Holds an exchange against openapi/paylink.yaml: the status must be documented, fields and bodies as described.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const document = parse(fs.readFileSync(path.join(root, 'openapi/paylink.yaml'), 'utf8'));
const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
addFormats(ajv);
// Addresses may be international (RFC 6531), which JSON Schema's own format for them does not allow.
ajv.addFormat('idn-email', /^[^@\s]+@[^@\s]+$/u);
ajv.addSchema(document, 'https://paylink.test/openapi');

// What is spelled out comes before what is a variable.
const routes = Object.entries(document.paths)
  .map(([described, item]) => ({
    described,
    item,
    variables: described.split('{').length - 1,
    pattern: new RegExp(`^${described.replace(/[.]/g, '\\.').replace(/\{[^}]+\}/g, '[^/]+')}$`),
  }))
  .sort((a, b) => a.variables - b.variables);

const validators = new Map();

function validatorAt(pointer) {
  const key = pointer.join('\n');
  if (!validators.has(key)) {
    const steps = pointer.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')));
    validators.set(key, ajv.compile({ $ref: `https://paylink.test/openapi#/${steps.join('/')}` }));
  }
  return validators.get(key);
}

function at(pointer) {
  return pointer.reduce((value, step) => value?.[step], document);
}

// Follows a `$ref`, and says where that led.
function resolve(pointer) {
  const value = at(pointer);
  if (!value?.$ref) return value && pointer;
  return resolve(value.$ref.slice(2).split('/').map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')));
}

function responseOf(method, target, status) {
  const route = routes.find(({ pattern }) => pattern.test(target.split('?')[0]));
  const shared = (name) => ['components', 'responses', name];
  const operation = route?.item[method.toLowerCase()];
  if (!operation) {
    if (status === 404 && !route) return shared('NotFound');
    return at(shared('Refused'))['x-paylink-statuses'].includes(status) ? shared('Refused') : undefined;
  }
  const place = ['paths', route.described, method.toLowerCase(), 'responses'];
  if (operation.responses[status]) return resolve([...place, String(status)]);
  const fallback = resolve([...place, 'default']);
  return at(fallback)['x-paylink-statuses'].includes(status) ? fallback : undefined;
}

function faultsOf(pointer, value) {
  const validate = validatorAt(pointer);
  if (validate(value)) return [];
  return validate.errors.slice(0, 5).map((error) => `${error.instancePath || '/'} ${error.message}`);
}

// Of a request that was served: one that the document does not allow must not have been.
function faultsOfRequest(method, target, body) {
  const route = routes.find(({ pattern }) => pattern.test(target.split('?')[0]));
  const described = route?.item[method.toLowerCase()]?.requestBody;
  if (!described?.content['application/json'] || described['x-paylink-ignored'] || !body) return [];
  const operation = ['paths', route.described, method.toLowerCase()];
  const place = [...operation, 'requestBody', 'content', 'application/json', 'schema'];
  return faultsOf(place, JSON.parse(body)).map((fault) => `the request was served, but ${fault}`);
}

// What is wrong with an answer, and with a request that was served; nothing when both are as documented.
export function check({ method, target, answer, body }) {
  const place = responseOf(method, target, answer.status);
  if (!place) return [`the status ${answer.status} is not documented`];
  const response = at(place);
  const faults = [];
  for (const name of Object.keys(response.headers ?? {})) {
    const header = resolve([...place, 'headers', name]);
    const value = answer.headers[name.toLowerCase()];
    if (value !== undefined) faults.push(...faultsOf([...header, 'schema'], value).map((fault) => `${name}${fault}`));
    else if (at(header).required) faults.push(`there is no ${name}`);
  }
  if (answer.status === 405 && !answer.headers.allow) faults.push('there is no Allow');
  const type = (answer.headers['content-type'] ?? '').split(';')[0];
  if (!response.content?.[type]) return [...faults, `the answer is of the type '${type}'`];
  const value = type === 'application/json' ? answer.json : answer.text;
  faults.push(...faultsOf([...place, 'content', type, 'schema'], value));
  if (answer.json?.trace_id && answer.json.trace_id !== answer.headers['x-trace-id'])
    faults.push('trace_id is not X-Trace-Id');
  if (answer.status < 300) faults.push(...faultsOfRequest(method, target, body));
  return faults;
}
