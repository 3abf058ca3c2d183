import { Injectable } from '@nestjs/common';
import { CredentialQueries, type AppCredentials, type TokenCredentials } from '../../projections/credentials.js';
import { DomainError } from '../domain-error.js';
import { Gather, LOOK_UP_LIMITS } from '../gather.js';
import { Freshness } from '../read-side/freshness.js';
import { Pepper } from '../secrets/pepper.js';
import { RevokedAccessTokens } from './revoked-access-tokens.js';

type Question = { clientId: string } | { secretHashes: string[] };
type Found = {
  apps: ReadonlyMap<string, AppCredentials>;
  tokens: ReadonlyMap<TokenCredentials['secretHash'], TokenCredentials>;
};

/**
 * What is known of a credential at this moment. There is no cache: each look-up starts after its request arrived, and rows that
 * are too old to be trusted are no answer (UNAVAILABLE).
 */
@Injectable()
export class CredentialLookups {
  readonly #credentials: Gather<Question, Found>;
  readonly #revocations: Gather<string, boolean>;

  constructor(
    private readonly queries: CredentialQueries,
    private readonly revoked: RevokedAccessTokens,
    private readonly freshness: Freshness,
    private readonly pepper: Pepper,
  ) {
    this.#credentials = new Gather((questions) => this.#find(questions), LOOK_UP_LIMITS);
    this.#revocations = new Gather((ids) => this.#findRevoked(ids), LOOK_UP_LIMITS);
  }

  async app(clientId: string): Promise<AppCredentials | null> {
    const { apps } = await this.#credentials.request({ clientId });
    return trusted(apps.get(clientId));
  }

  /** The token of this value, whatever has become of it. */
  async token(value: string): Promise<TokenCredentials | null> {
    const secretHashes = this.pepper.hashes(value).map(({ hash }) => hash);
    const { tokens } = await this.#credentials.request({ secretHashes });
    const hash = secretHashes.find((candidate) => tokens.has(candidate));
    return hash === undefined ? null : trusted(tokens.get(hash));
  }

  isRevoked(accessTokenId: string): Promise<boolean> {
    return this.#revocations.request(accessTokenId);
  }

  async #find(questions: Question[]): Promise<Found[]> {
    const clientIds = new Set<string>();
    const secretHashes: string[] = [];
    for (const question of questions)
      if ('clientId' in question) clientIds.add(question.clientId);
      else secretHashes.push(...question.secretHashes);

    const { apps, tokens, evidence } = await this.queries.find([...clientIds], secretHashes);
    this.freshness.require(evidence);
    const found = {
      apps: new Map(apps.map((app) => [app.clientId, app])),
      tokens: new Map(tokens.map((token) => [token.secretHash, token])),
    };
    return questions.map(() => found);
  }

  async #findRevoked(ids: string[]): Promise<boolean[]> {
    const found = await this.revoked.among(ids);
    return ids.map((id) => found.has(id));
  }
}

/** What waits behind an event that cannot be applied may be its end. */
function trusted<Credentials extends AppCredentials | TokenCredentials>(found: Credentials | undefined) {
  if (found?.isParked) throw new DomainError('UNAVAILABLE', 'What has become of this credential is not known.');
  return found ?? null;
}
