import { hexColour, httpsUrl, prose, section } from '../primitives.js';

/** Dimension 7: what the clinic looks like, on its panel, its chat and its e-mails. */
export const branding = section({
  logo: httpsUrl.nullable().default(null),
  colours: section({
    primary: hexColour.default('#0f766e'),
    secondary: hexColour.default('#134e4a'),
    accent: hexColour.default('#f59e0b'),
  }).prefault({}),
  emailSignature: prose(2_000).default(''),
}).prefault({});
