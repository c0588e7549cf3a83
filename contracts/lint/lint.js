// Reads what other systems read: asyncapi.json with AsyncAPI's own parser, the OpenAPI documents with Spectral's rules.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromFile, Parser } from '@asyncapi/parser';
import spectral from '@stoplight/spectral-core';
import rulesets from '@stoplight/spectral-rulesets';

const WARNING = 1; // 0 is an error; what is milder than a warning is advice
const contracts = new URL('../', import.meta.url);
const off = {
  'info-contact': 'off', // whoever runs an installation is its contact
  'info-license': 'off', // nothing of this is published
  'license-url': 'off',
  'info-description': 'off', // each operation says what it does
  'oas3-api-servers': 'off', // every installation has its own addresses
  'openapi-tags': 'off', // a tag is a heading and needs no text
  'operation-tag-defined': 'off',
};

async function asyncapi() {
  const file = fromFile(new Parser(), fileURLToPath(new URL('asyncapi.json', contracts)));
  const { diagnostics } = await file.parse();
  return [['asyncapi.json', diagnostics.filter((one) => one.severity <= WARNING)]];
}

async function openapi() {
  const linter = new spectral.Spectral();
  linter.setRuleset({ extends: [[rulesets.oas, 'all']], rules: off });
  const folder = new URL('openapi/', contracts);
  const found = [];
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.json'))) {
    const diagnostics = await linter.run(readFileSync(new URL(name, folder), 'utf8'));
    found.push([`openapi/${name}`, diagnostics.filter((one) => one.severity <= WARNING)]);
  }
  return found;
}

const findings = [...(await asyncapi()), ...(await openapi())].flatMap(([file, diagnostics]) =>
  diagnostics.map((one) => `${file}: ${one.path.join('.')}: ${one.message} (${one.code})`),
);
for (const line of findings) process.stdout.write(`${line}\n`);
process.exitCode = findings.length > 0 ? 1 : 0;
