import type { Form } from './form.js';
import { InvalidClient, InvalidRequest } from './oauth-error.js';

/** What a client presents, not checked yet. */
export type ClientCredentials = { clientId: string; clientSecret: string; hasUsedHeader: boolean };

const BASIC = /^Basic +([\w+/-]+={0,2}) *$/i;

/** RFC 6749, section 2.3.1: by HTTP Basic or in the body, never by both. */
export function presentedCredentials(authorization: string | undefined, form: Form): ClientCredentials {
  const clientId = form.get('client_id');
  const clientSecret = form.get('client_secret');
  if (authorization === undefined) {
    if (clientId === undefined || clientSecret === undefined)
      throw new InvalidClient(clientId === undefined, 'Authenticate with client id and secret.');
    return { clientId, clientSecret, hasUsedHeader: false };
  }

  if (clientSecret !== undefined) throw new InvalidRequest('Authenticate by the header or in the body, not by both.');
  const presented = fromHeader(authorization);
  if (clientId !== undefined && clientId !== presented.clientId)
    throw new InvalidRequest('The client id in the body is not the one in the header.');
  return presented;
}

/** Both parts are form-encoded before they are joined; only then can an id hold a colon. */
function fromHeader(authorization: string): ClientCredentials {
  const encoded = BASIC.exec(authorization)?.[1];
  const pair = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  const clientId = colon < 0 ? null : formDecoded(pair.slice(0, colon));
  const clientSecret = formDecoded(pair.slice(colon + 1));
  if (clientId === null || clientSecret === null)
    throw new InvalidClient(true, 'The Authorization header is not HTTP Basic with client id and secret.');
  return { clientId, clientSecret, hasUsedHeader: true };
}

function formDecoded(text: string): string | null {
  // As those of ours are.
  if (/^\w*$/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
