import { Injectable } from '@nestjs/common';
import { AppQueries, type AppRow } from '../../projections/apps.js';
import type { Evidence } from '../../projections/evidence.js';
import { TokenQueries, type TokenRow } from '../../projections/tokens.js';
import { DomainError } from '../domain-error.js';
import { Gather } from '../gather.js';
import { Freshness } from '../read-side/freshness.js';
import { Pepper } from '../secrets/pepper.js';
import { RevokedAccessTokens } from './revoked-access-tokens.js';

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
  readonly #apps: Gather<string, AppRow | null>;
  readonly #tokens: Gather<string, TokenRow | null>;
  readonly #revocations: Gather<string, boolean>;

  constructor(
    apps: AppQueries,
    tokens: TokenQueries,
    revoked: RevokedAccessTokens,
    private readonly freshness: Freshness,
    private readonly pepper: Pepper,
  ) {
    this.#apps = this.#gather(
      (ids) => apps.findByClientIds(ids),
      ({ clientId }) => clientId,
    );
    this.#tokens = this.#gather(
      (hashes) => tokens.findBySecretHashes(hashes),
      ({ secretHash }) => secretHash,
    );
    this.#revocations = new Gather(async (ids) => {
      const found = await revoked.among(ids);
      return ids.map((id) => found.has(id));
    }, LIMITS);
  }

  app(clientId: string): Promise<AppRow | null> {
    return this.#apps.request(clientId);
  }

  /** The token of this value, whatever has become of it. */
  async token(value: string): Promise<TokenRow | null> {
    const candidates = this.pepper.hashes(value);
    const rows = await Promise.all(candidates.map(({ hash }) => this.#tokens.request(hash)));
    return rows.find((row) => row !== null) ?? null;
  }

  isRevoked(accessTokenId: string): Promise<boolean> {
    return this.#revocations.request(accessTokenId);
  }

  #gather<Row extends object>(
    find: (keys: string[]) => Promise<Evidence<Row>>,
    keyOf: (row: Row) => string | null,
  ): Gather<string, Row | null> {
    return new Gather(async (keys) => {
      const evidence = await find(keys);
      this.freshness.require(evidence);
      const rows = new Map(evidence.rows.map((row) => [keyOf(row), row]));
      return keys.map((key) => rows.get(key) ?? null);
    }, LIMITS);
  }
}
