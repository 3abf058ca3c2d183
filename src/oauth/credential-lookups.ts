import { Injectable } from '@nestjs/common';
import { CredentialQueries, type AppCredentials, type TokenCredentials } from '../../projections/credentials.js';
import { DomainError } from '../domain-error.js';
import { Gather } from '../gather.js';
import { Freshness } from '../read-side/freshness.js';
import { Pepper } from '../secrets/pepper.js';
import { RevokedAccessTokens } from './revoked-access-tokens.js';

type Question = { clientId: string } | { secretHash: string };
type Answer = { app: AppCredentials | null; token: TokenCredentials | null };

const LIMITS = {
  batch: 256,
  waiting: 10_000,
  refusal: () => new DomainError('UNAVAILABLE', 'Too many look-ups wait.'),
};

/**
 * What is known of a credential at this moment. There is no cache: each look-up starts after its request arrived, and rows that
 * are too old to be trusted are no answer (UNAVAILABLE).
 */
@Injectable()
export class CredentialLookups {
  readonly #credentials: Gather<Question, Answer>;
  readonly #revocations: Gather<string, boolean>;

  constructor(
    private readonly queries: CredentialQueries,
    private readonly revoked: RevokedAccessTokens,
    private readonly freshness: Freshness,
    private readonly pepper: Pepper,
  ) {
    this.#credentials = new Gather((questions) => this.#find(questions), LIMITS);
    this.#revocations = new Gather((ids) => this.#findRevoked(ids), LIMITS);
  }

  async app(clientId: string): Promise<AppCredentials | null> {
    return (await this.#credentials.request({ clientId })).app;
  }

  /** The token of this value, whatever has become of it. */
  async token(value: string): Promise<TokenCredentials | null> {
    const candidates = this.pepper.hashes(value);
    const answers = await Promise.all(candidates.map(({ hash }) => this.#credentials.request({ secretHash: hash })));
    return answers.find(({ token }) => token !== null)?.token ?? null;
  }

  isRevoked(accessTokenId: string): Promise<boolean> {
    return this.#revocations.request(accessTokenId);
  }

  async #find(questions: Question[]): Promise<(Answer | Promise<Answer>)[]> {
    const clientIds = new Set<string>();
    const secretHashes = new Set<string>();
    for (const question of questions)
      if ('clientId' in question) clientIds.add(question.clientId);
      else secretHashes.add(question.secretHash);

    const found = await this.queries.find([...clientIds], [...secretHashes]);
    this.freshness.require(found.evidence);
    const apps = new Map(found.apps.map((app) => [app.clientId, app]));
    const tokens = new Map(found.tokens.map((token) => [token.secretHash, token]));
    return questions.map((question) =>
      'clientId' in question
        ? this.#trusted({ app: apps.get(question.clientId) ?? null, token: null })
        : this.#trusted({ app: null, token: tokens.get(question.secretHash) ?? null }),
    );
  }

  /** What waits behind an event that cannot be applied may be its end. */
  #trusted(answer: Answer): Answer | Promise<Answer> {
    if (!answer.app?.isParked && !answer.token?.isParked) return answer;
    return Promise.reject(new DomainError('UNAVAILABLE', 'What has become of this credential is not known.'));
  }

  async #findRevoked(ids: string[]): Promise<boolean[]> {
    const found = await this.revoked.among(ids);
    return ids.map((id) => found.has(id));
  }
}
