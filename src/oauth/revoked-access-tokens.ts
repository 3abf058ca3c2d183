import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** A clock that steps back, or another instance's that is behind, brings nothing back to life that was revoked. */
export const KEPT_SECONDS = 86_400;

/**
 * Single access tokens that their client has revoked (RFC 7009). They live for minutes and nothing is decided about them later, so
 * they are no events: a row each, until some time after they have expired.
 */
@Injectable()
export class RevokedAccessTokens {
  constructor(private readonly database: DataSource) {}

  async add(id: string, expiresAt: Date): Promise<void> {
    await this.database.query(
      `insert into oauth.revoked_access_tokens (id, expires_at) values ($1, $2) on conflict do nothing`,
      [id, expiresAt],
    );
  }

  /** Which of these ids are revoked. */
  async among(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.database.query<{ id: string }[]>(
      `select id from oauth.revoked_access_tokens where id = any ($1)`,
      [ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  async sweep(): Promise<void> {
    await this.database.query(
      `delete from oauth.revoked_access_tokens where expires_at < now() - interval '${KEPT_SECONDS} seconds'`,
    );
  }
}
