// Writes tenants/tenant.schema.json, which editors read, from the zod schema.
import { writeFileSync } from 'node:fs';
import { manifestJsonSchema } from '../manifest/json-schema.js';

const file = new URL('../tenants/tenant.schema.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`);
