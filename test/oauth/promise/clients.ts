import { performance } from 'node:perf_hooks';
import type { Service } from '../../support/service.js';
import { send } from '../../service/setup.js';
import type { Entry } from './history.js';

type Answered = { isAnswered: boolean; data: any };

/** Whom to ask at this moment: instances come and go. */
export type Place = { readonly service: Service };

export type Caller = { authorization: string };

/** Asks the instances and writes down what it asked, when, and what was answered. */
export class Witness {
  readonly history: Entry[] = [];

  constructor(
    private readonly user: string,
    private readonly introspector: Caller,
  ) {}

  count(answer: 'active' | 'inactive' | 'refused'): number {
    return this.history.filter((entry) => entry.kind === 'checked' && entry.answer === answer).length;
  }

  async check({ service }: Place, credential: string): Promise<void> {
    const start = performance.now();
    const answer = await this.#introspect(service, credential);
    this.history.push({ kind: 'checked', credential, start, end: performance.now(), answer });
  }

  /** The credential, `null` when it was not handed out. */
  async create(
    { service }: Place,
    mutation: string,
    input: object,
    credentialIn: (data: any) => string,
  ): Promise<{ credential: string; data: any } | null> {
    const start = performance.now();
    const { isAnswered, data } = await this.mutate(service, mutation, input);
    if (!isAnswered || data.stale) return null;
    this.#created(credentialIn(data), start);
    return { credential: credentialIn(data), data };
  }

  async accessToken({ service }: Place, client: Caller): Promise<string | null> {
    const start = performance.now();
    const response = await post(service, '/oauth/token', client, { grant_type: 'client_credentials' });
    const token = response?.status === 200 ? ((await response.json()) as { access_token: string }).access_token : null;
    if (token) this.#created(token, start);
    return token;
  }

  /** By whatever means: `stop` answers whether it was told that the credentials are stopped. */
  async stop(credentials: string[], stop: () => Promise<boolean>): Promise<void> {
    const start = performance.now();
    const isAnswered = await stop();
    const end = performance.now();
    for (const credential of credentials) this.history.push({ kind: 'stopped', credential, start, end, isAnswered });
  }

  async mutate(service: Service, mutation: string, input: object): Promise<Answered> {
    const answer = await send(service, this.user, mutation, input).catch(() => null);
    return { isAnswered: answer !== null && !answer.errors, data: answer?.data?.[mutation] };
  }

  async revokeAccessToken({ service }: Place, client: Caller, token: string): Promise<boolean> {
    return (await post(service, '/oauth/revoke', client, { token }))?.status === 200;
  }

  #created(credential: string, start: number): void {
    this.history.push({ kind: 'created', credential, start, end: performance.now(), isAnswered: true });
  }

  async #introspect(service: Service, token: string): Promise<'active' | 'inactive' | 'refused'> {
    const response = await post(service, '/oauth/introspect', this.introspector, { token });
    if (response === null || response.status === 503) return 'refused';
    if (response.status !== 200) throw new Error(`An introspection was answered ${response.status}.`);
    return ((await response.json()) as { active: boolean }).active ? 'active' : 'inactive';
  }
}

/** `null` when the instance is not there. */
async function post(service: Service, path: string, { authorization }: Caller, form: Record<string, string>) {
  const body = new URLSearchParams(form);
  return fetch(`${service.url}${path}`, { method: 'POST', headers: { authorization }, body }).catch(() => null);
}
