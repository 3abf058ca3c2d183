import { InvalidRequest } from './oauth-error.js';

/** The parameters of a request. An empty value is like none (RFC 6749, section 3.2). */
export type Form = ReadonlyMap<string, string>;

/** What belongs into the body: in an address it would end up in logs and histories. */
const NEVER_IN_ADDRESS = ['client_id', 'client_secret', 'token', 'grant_type'];

/** `application/x-www-form-urlencoded`. A parameter that is given twice is refused (RFC 6749, section 3.2). */
export function parseForm(text: string): Form {
  const form = new Map<string, string>();
  const seen = new Set<string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (seen.has(name)) throw new InvalidRequest('A parameter is given twice.');
    seen.add(name);
    if (value !== '') form.set(name, value);
  }
  return form;
}

export function requiredParameter(form: Form, name: string): string {
  const value = form.get(name);
  if (value === undefined) throw new InvalidRequest(`The parameter ${name} is missing.`);
  return value;
}

export function refuseInAddress(address: string): void {
  const start = address.indexOf('?');
  if (start < 0) return;
  const given = new URLSearchParams(address.slice(start));
  const wrong = NEVER_IN_ADDRESS.find((name) => given.has(name));
  if (wrong) throw new InvalidRequest(`Send ${wrong} in the body, never in the address.`);
}
