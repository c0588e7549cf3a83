// Writes the API's types from the exported contracts, so that a change of a contract shows as a type error here.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import openapiTypescript, { astToString } from 'openapi-typescript';

const contracts = new URL('../../contracts/openapi/', import.meta.url);
const target = new URL('../src/api/generated/', import.meta.url);
mkdirSync(target, { recursive: true });
for (const service of ['auth-linker', 'publisher', 'analytics']) {
  const document = JSON.parse(readFileSync(new URL(`${service}.json`, contracts), 'utf8'));
  writeFileSync(
    new URL(`${service}.d.ts`, target),
    astToString(await openapiTypescript(document, { defaultNonNullable: false })),
  );
}
