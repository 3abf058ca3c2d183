import { randomUUID } from 'node:crypto';
import { RevokedAccessTokens } from '../../src/oauth/revoked-access-tokens.js';
import { openReadSide, type ReadSide } from '../support/read-side.js';

/** Promise (oauth.md): RFC 7009, what is revoked stays so until it has expired for everybody. */

const HOUR = 3_600_000;

let side: ReadSide;
let revoked: RevokedAccessTokens;

beforeAll(async () => {
  side = await openReadSide();
  revoked = new RevokedAccessTokens(side.database);
});

afterAll(() => side.close());

const inHours = (hours: number) => new Date(Date.now() + hours * HOUR);
const aRevoked = async (expiresAt: Date) => {
  const id = randomUUID();
  await revoked.add(id, expiresAt);
  return id;
};

describe('a revoked access token', () => {
  it('is known as such at once, in every process, and no other is', async () => {
    const [id, other] = [await aRevoked(inHours(1)), randomUUID()];
    const elsewhere = new RevokedAccessTokens(await side.connect());
    expect([...(await elsewhere.among([other, id, id]))]).toEqual([id]);
    expect((await elsewhere.among([])).size).toBe(0);
  });

  it('may be revoked again, fifty times at once', async () => {
    const id = randomUUID();
    await Promise.all(Array.from({ length: 50 }, () => revoked.add(id, inHours(1))));
    expect((await revoked.among([id])).has(id)).toBe(true);
  });

  it('is kept until a day after it has expired, and forgotten then', async () => {
    const living = await aRevoked(inHours(1));
    const dead = await aRevoked(inHours(-23.9));
    const long = await aRevoked(inHours(-24.1));
    await revoked.sweep();
    expect([...(await revoked.among([living, dead, long]))].sort()).toEqual([living, dead].sort());
  });
});
