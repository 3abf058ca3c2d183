import { Injectable } from '@nestjs/common';
import { Issuer } from './issuer.js';

const METHODS = ['client_secret_basic', 'client_secret_post'];

/** RFC 8414: where everything is and what it can do. */
@Injectable()
export class MetadataEndpoint {
  constructor(private readonly issuer: Issuer) {}

  answer() {
    const issuer = this.issuer.url;
    return {
      issuer,
      token_endpoint: `${issuer}/oauth/token`,
      token_endpoint_auth_methods_supported: METHODS,
      introspection_endpoint: `${issuer}/oauth/introspect`,
      introspection_endpoint_auth_methods_supported: METHODS,
      revocation_endpoint: `${issuer}/oauth/revoke`,
      revocation_endpoint_auth_methods_supported: METHODS,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      grant_types_supported: ['client_credentials'],
      // There is no authorization endpoint, and so no response type; the member is required all the same.
      response_types_supported: [],
    };
  }
}
