import { CredentialQueries } from '../../projections/credentials.js';
import { Progress } from '../../projections/progress.js';
import type { Projection } from '../../projections/projection.js';
import { projections } from '../../projections/projections.js';
import { retryParked } from '../../projections/retry-parked.js';
import { TokenQueries, tokensProjection } from '../../projections/tokens.js';
import { AccessDenials } from '../../src/audit/access-denials.js';
import { commandRequest } from '../../src/event-store/command-request.js';
import { DecideAndAppend } from '../../src/event-store/decide-and-append.js';
import { toEvent } from '../../src/events.js';
import { reachedBy } from '../../src/read-side/projector.service.js';
import { RevokeTokensOf } from '../../src/tokens/token.commands.js';
import { RevokeTokensOfHandler, TokenBatches } from '../../src/tokens/token-batches.handlers.js';
import { callerOf, originOf, streamOf, tokenCreated, write } from '../support/log-events.js';
import { someSettings } from '../support/parts.js';
import { openReadSide, type ReadSide } from '../support/read-side.js';

const bea = callerOf('acme', { id: 'bea' });
let side: ReadSide;

beforeEach(async () => {
  side = await openReadSide();
});
afterEach(() => side.close());

const settled = async () => side.reached(await side.store.head());

function revokeTokensOf(ownerId: string, now = new Date()) {
  const settings = someSettings({ readModelTimeout: 5_000 });
  const tokens = new TokenQueries(side.database);
  const log = new DecideAndAppend(side.store, new AccessDenials(side.store, settings), settings);
  const progress = new Progress(() => reachedBy(side.database));
  const handler = new RevokeTokensOfHandler(new TokenBatches(side.store, log, tokens, progress, settings), tokens);
  return handler.execute(
    new RevokeTokensOf(commandRequest(originOf(callerOf('acme')), 'revokeTokensOf', {}, now), ownerId),
  );
}

async function recordedStatusOf({ data }: ReturnType<typeof tokenCreated>) {
  const { tokens } = await new CredentialQueries(side.database).find([], [data.secret.hash]);
  return tokens.map(({ recordedStatus }) => recordedStatus);
}

/** Promise: once `revokeTokensOf` has answered, no token of that person works, now or later. */
describe('revokeTokensOf', () => {
  it('revokes a token that is not shown, since its creation could not be applied, and none of somebody else', async () => {
    const token = tokenCreated({ owner: { id: 'bea' } });
    const other = tokenCreated({ owner: { id: 'eve' } });
    const failing: Projection = { ...tokensProjection, apply: () => Promise.reject(new Error('Not understood.')) };
    const first = side.project([failing, ...projections.filter(({ name }) => name !== 'tokens')]);
    await write(side.store, [token], bea);
    await write(side.store, [other], callerOf('acme', { id: 'eve' }));
    await settled();
    expect(await recordedStatusOf(token)).toEqual([]);

    await revokeTokensOf('bea');
    await first.stop();
    for (const each of [token, other])
      await retryParked({ database: side.database, store: side.store, toEvent }, tokensProjection, streamOf(each));
    expect(await recordedStatusOf(token)).toEqual(['REVOKED']);
    expect(await recordedStatusOf(other)).toEqual(['ACTIVE']);
  });

  it('ends a token for all clocks that has expired by its own, and counts the revoked ones', async () => {
    const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000);
    const [short, long] = [10, 60].map((minutes) =>
      tokenCreated({ owner: { id: 'bea' }, expiresAt: inMinutes(minutes).toISOString() }),
    ) as [ReturnType<typeof tokenCreated>, ReturnType<typeof tokenCreated>];
    side.project();
    await write(side.store, [short, long], bea);
    await settled();

    expect(await revokeTokensOf('bea', inMinutes(11))).toMatchObject({ count: 1 });
    expect(await recordedStatusOf(short)).toEqual(['EXPIRED']);
    expect(await recordedStatusOf(long)).toEqual(['REVOKED']);
  });
});
