import { describe, expect, it } from 'vitest';
import { languageIn, personOf } from '../../../data-plane/demo/people.js';
import { randomFrom } from '../../../data-plane/demo/random.js';
import { HISTORIES } from '../../../data-plane/demo/words/histories.js';
import { LANGUAGES } from '../../../data-plane/demo/words/language.js';
import { MESSAGES } from '../../../data-plane/demo/words/messages.js';
import { forbiddenClaimsOf, VERTICALS } from '../../../manifest/dimensions/compliance.js';

const registered = new Date('2026-03-01T10:00:00Z');
const ARABIC = /^[\p{Script=Arabic}\p{M} ]+$/u;

describe('Invented people', () => {
  it.each(LANGUAGES)('have names in the script of %s, and phones that ring nowhere', (language) => {
    const random = randomFrom('people', language);
    for (let round = 0; round < 200; round++) {
      const person = personOf(language, random.pick(['europe', 'elsewhere']), 'general', registered, random);
      if (language === 'ar') expect(person.name).toMatch(ARABIC);
      else expect(person.name).toMatch(/^[\p{Script=Latin}ªº' -]+$/u);
      expect(person.name.split(' ').length).toBeGreaterThan(language === 'ar' ? 3 : 1);
      expect(person.phone).toMatch(/^(\+34 4\d\d \d{3} \d{3}|\+20 17\d \d{3} \d{4}|\+44 7700 900\d{3})$/);
      expect(person.birthDate).toMatch(/^(19[3-9]\d|200\d|2010)-\d\d-\d\d$/);
    }
  });

  it('are children where the clinic is for children', () => {
    const random = randomFrom('children');
    for (let round = 0; round < 200; round++) {
      const { birthDate } = personOf('es', 'europe', 'paediatrics', registered, random);
      expect(birthDate >= '2011-01-01' && birthDate < '2026-01-01').toBe(true);
    }
  });

  it('speak all languages everywhere, most of them that of the place', () => {
    for (const place of ['europe', 'elsewhere'] as const) {
      const random = randomFrom('languages', place);
      const spoken = Array.from({ length: 1_000 }, () => languageIn(place, random));
      expect(new Set(spoken)).toEqual(new Set(LANGUAGES));
      const common = spoken.filter((language) => language === (place === 'europe' ? 'es' : 'ar'));
      expect(common.length).toBeGreaterThan(500);
    }
  });
});

describe('Texts', () => {
  it.each(VERTICALS)('exist for %s in every language, and no answer makes a forbidden claim', (vertical) => {
    for (const language of LANGUAGES) {
      expect(HISTORIES[language].findings[vertical].length).toBeGreaterThan(0);
      const answers = [
        ...MESSAGES[language].questions[vertical].slice(1),
        ...MESSAGES[language].dialogues.flatMap((lines) =>
          lines.filter(([author]) => author !== 'patient').map(([, text]) => text),
        ),
      ];
      for (const claim of forbiddenClaimsOf(vertical)) {
        for (const answer of answers) expect(answer.toLowerCase()).not.toContain(claim);
      }
    }
  });

  it('name only places that are filled in', () => {
    const known = new Set(['name', 'service', 'clinic', 'day', 'time']);
    for (const place of JSON.stringify(MESSAGES).matchAll(/\{(\w+)\}/g)) {
      expect(known).toContain(place[1]);
    }
  });
});
