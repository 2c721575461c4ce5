import { ARABIC_HISTORIES } from './histories-arabic.js';
import { ENGLISH_HISTORIES } from './histories-english.js';
import { SPANISH_HISTORIES } from './histories-spanish.js';
import type { ByLanguage } from './language.js';
import type { HistoryWords } from './shapes.js';

export const HISTORIES: ByLanguage<HistoryWords> = {
  es: SPANISH_HISTORIES,
  ar: ARABIC_HISTORIES,
  en: ENGLISH_HISTORIES,
};
