import type { ByLanguage } from './language.js';
import { ARABIC_NAMES } from './names-arabic.js';
import { ENGLISH_NAMES } from './names-english.js';
import { SPANISH_NAMES } from './names-spanish.js';
import type { NameWords } from './shapes.js';

export const NAMES: ByLanguage<NameWords> = {
  es: SPANISH_NAMES,
  ar: ARABIC_NAMES,
  en: ENGLISH_NAMES,
};
