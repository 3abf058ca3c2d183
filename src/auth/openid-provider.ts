import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { isReadableOnTheWay, Settings } from '../config.js';
import { DomainError } from '../domain-error.js';

export const TIMEOUT_MILLISECONDS = 5_000;
/** How long a provider that did not answer is left alone. */
const COOL_DOWN_MILLISECONDS = 5_000;

/** Held to the same as OIDC_ISSUER: whoever can change the keys on their way is any user. */
const address = z
  .url({ protocol: /^https?$/, abort: true })
  .refine((given) => !isReadableOnTheWay(given), 'must use https');

/** https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata */
const discoveryDocument = z.object({
  issuer: z.string(),
  jwks_uri: address,
  token_endpoint: address.optional().catch(undefined),
});

export type ProviderMetadata = z.infer<typeof discoveryDocument>;

export const unreachable = (cause?: unknown) =>
  new DomainError('UNAVAILABLE', 'The OpenID provider cannot be reached at the moment.', {}, { cause });

/** The OpenID provider of the organisation. */
@Injectable()
export class OpenIdProvider {
  #metadata: Promise<ProviderMetadata> | undefined;
  #leaveAloneUntil = 0;

  constructor(private readonly settings: Settings) {}

  /** What it says about itself, asked once. Throws UNAVAILABLE when it cannot be had. */
  async metadata(): Promise<ProviderMetadata> {
    if (this.#metadata) return this.#metadata;
    if (Date.now() < this.#leaveAloneUntil) throw unreachable();
    const metadata = this.#discover();
    this.#metadata = metadata;
    metadata.catch(() => {
      this.#metadata = undefined;
      this.#leaveAloneUntil = Date.now() + COOL_DOWN_MILLISECONDS;
    });
    return metadata;
  }

  async #discover(): Promise<ProviderMetadata> {
    const { oidcIssuer } = this.settings;
    const document = `${oidcIssuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    try {
      const response = await fetch(document, { signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS), redirect: 'error' });
      if (!response.ok) throw new Error(`The OpenID provider answered ${response.status}.`);
      const metadata = discoveryDocument.parse(await response.json());
      if (metadata.issuer !== oidcIssuer)
        throw new Error(`OIDC_ISSUER is ${oidcIssuer}, but the provider there calls itself ${metadata.issuer}.`);
      return metadata;
    } catch (error) {
      throw unreachable(error);
    }
  }
}
