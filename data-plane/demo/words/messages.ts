import type { ByLanguage } from './language.js';
import { ARABIC_MESSAGES } from './messages-arabic.js';
import { ENGLISH_MESSAGES } from './messages-english.js';
import { SPANISH_MESSAGES } from './messages-spanish.js';
import type { MessageWords } from './shapes.js';

export const MESSAGES: ByLanguage<MessageWords> = {
  es: SPANISH_MESSAGES,
  ar: ARABIC_MESSAGES,
  en: ENGLISH_MESSAGES,
};
