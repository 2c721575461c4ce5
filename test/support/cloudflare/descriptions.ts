import { readFileSync } from 'node:fs';
import type { Descriptions } from '../aws/description.js';

export const DESCRIPTIONS: Descriptions = JSON.parse(
  readFileSync(new URL('./descriptions.json', import.meta.url), 'utf8'),
);
