// Writes the list of rules in docs/policies.md from the rules.
import { writePage } from './policies/page.js';

writePage();
