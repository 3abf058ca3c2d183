import { publicUrlOf, type Settings } from '../config.js';

type Named = Pick<Settings, 'oidcIssuer' | 'publicUrl' | 'port'>;

/**
 * What the browser may do with the page. Scripts only from files of ours; styles also where this answer's nonce is. `tokenEndpoint` is
 * the provider's, which need not be at the origin of the issuer.
 */
export function pageHeaders(settings: Named, nonce: string, tokenEndpoint?: string): Record<string, string> {
  const issuer = new URL(settings.oidcIssuer).origin;
  const provider = new Set([issuer, new URL(tokenEndpoint ?? issuer).origin]);
  return {
    'content-security-policy': policyOf({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': `'self' 'nonce-${nonce}'`,
      'img-src': "'self' data:",
      'font-src': "'self'",
      'connect-src': `'self' ${[...provider].join(' ')}`,
      'form-action': `'self' ${issuer}`,
      'frame-ancestors': "'none'",
      'base-uri': "'none'",
    }),
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'cross-origin-resource-policy': 'same-origin',
    ...(isHttps(publicUrlOf(settings)) && { 'strict-transport-security': 'max-age=31536000' }),
  };
}

const policyOf = (directives: Readonly<Record<string, string>>): string =>
  Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');

const isHttps = (address: string) => new URL(address).protocol === 'https:';
