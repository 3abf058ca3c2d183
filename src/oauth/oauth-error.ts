/** The codes of RFC 6749 (section 5.2), RFC 8707 (`invalid_target`), and two for "not now" and "our fault", which RFC 6749 has in section 4.1.2.1. */
export type OAuthErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_target'
  | 'temporarily_unavailable'
  | 'server_error';

/** A refusal as OAuth tells it. The description is for people, and nothing secret stands in it. */
export abstract class OAuthError extends Error {
  abstract readonly code: OAuthErrorCode;
  readonly status: number = 400;
  readonly headers: Readonly<Record<string, string>> = {};
}

export class InvalidRequest extends OAuthError {
  readonly code = 'invalid_request';

  constructor(
    message: string,
    override readonly status = 400,
    override readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** The same for a client that does not exist and for a wrong secret. */
export class InvalidClient extends OAuthError {
  readonly code = 'invalid_client';
  override readonly status = 401;
  override readonly headers: Readonly<Record<string, string>>;

  constructor(hasUsedHeader: boolean, message = 'Unknown client, or wrong secret.') {
    super(message);
    // RFC 6749, section 5.2: the challenge answers the scheme that the client used.
    this.headers = hasUsedHeader ? { 'www-authenticate': 'Basic realm="latchkey", charset="UTF-8"' } : {};
  }
}

export class UnauthorizedClient extends OAuthError {
  readonly code = 'unauthorized_client';

  constructor(
    message: string,
    override readonly status = 400,
  ) {
    super(message);
  }
}

export class UnsupportedGrantType extends OAuthError {
  readonly code = 'unsupported_grant_type';
}

export class InvalidScope extends OAuthError {
  readonly code = 'invalid_scope';
}

export class InvalidTarget extends OAuthError {
  readonly code = 'invalid_target';
}

export class TooManyFailures extends OAuthError {
  readonly code = 'temporarily_unavailable';
  override readonly status = 429;
  override readonly headers;

  constructor(retryAfterSeconds: number) {
    super('Too many failed attempts to authenticate. Try again later.');
    this.headers = { 'retry-after': String(retryAfterSeconds) };
  }
}

export class TemporarilyUnavailable extends OAuthError {
  readonly code = 'temporarily_unavailable';
  override readonly status = 503;
  override readonly headers = { 'retry-after': '5' };

  constructor(options?: ErrorOptions) {
    super('This cannot be answered at the moment. Try again.', options);
  }
}

export class ServerError extends OAuthError {
  readonly code = 'server_error';
  override readonly status = 500;

  constructor() {
    super('Something went wrong here.');
  }
}
