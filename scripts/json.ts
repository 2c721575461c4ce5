// Writes docs/json.md and docs/json/ from the views of the commands. Refuses what would break programs, unless JSON_VERSION is raised.
import { breaksOf } from './json/breaks.js';
import { committed, write } from './json/files.js';
import { jsonSchemas } from './json/schemas.js';

const schemas = await jsonSchemas();
const before = committed();
const breaks = before ? breaksOf(before, schemas) : [];
if (breaks.length > 0) {
  console.error(`${breaks.join('\n')}\nraise JSON_VERSION in core/version.ts if it has to be`);
  process.exitCode = 1;
} else write(schemas);
