/** The normal forms of version 1 of the rule (docs/formats.md, blind index), which rows have until keys are rotated. */
export const EARLIER_FORMS = {
  name: (name: string): string =>
    name
      .normalize('NFKD')
      .replace(/[\p{M}\u0640]/gu, '')
      .toUpperCase()
      .trim()
      .replace(/\s+/gu, ' '),
  phone: (phone: string): string =>
    phone
      .normalize('NFKC')
      .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 0xf))
      .replace(/[^0-9]/g, '')
      .replace(/^00/, ''),
} as const;
