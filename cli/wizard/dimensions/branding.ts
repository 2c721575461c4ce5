import type { AskDimension } from '../dimension.js';

/** What the clinic looks like. */
export const askBranding: AskDimension = async ({ prompts, clinic, check }) => {
  const logo = await prompts.text({
    message: 'Address of the logo (https://...)',
    check: (text) => check({ branding: { logo: text } }, 'branding', 'logo'),
  });
  const colour = (key: 'primary' | 'secondary' | 'accent'): Promise<string> =>
    prompts.text({
      message: `${key[0]?.toUpperCase()}${key.slice(1)} colour`,
      byDefault: clinic.branding.colours[key],
      check: (text) => check({ branding: { colours: { [key]: text } } }, 'branding', 'colours', key),
    });
  const colours = {
    primary: await colour('primary'),
    secondary: await colour('secondary'),
    accent: await colour('accent'),
  };
  const emailSignature = await prompts.text({
    message: 'Signature of e-mails',
    check: (text) => check({ branding: { emailSignature: text } }, 'branding', 'emailSignature'),
  });
  return { branding: { logo: logo || null, colours, emailSignature } };
};
