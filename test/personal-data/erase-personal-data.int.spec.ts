import { AccessDenials } from '../../src/audit/access-denials.js';
import { Clock } from '../../src/clock.js';
import { DomainError } from '../../src/domain-error.js';
import { commandRequest } from '../../src/event-store/command-request.js';
import { DecideAndAppend } from '../../src/event-store/decide-and-append.js';
import type { EventStore } from '../../src/event-store/event-store.js';
import { ErasePersonalData, ErasePersonalDataHandler } from '../../src/personal-data/erase-personal-data.handler.js';
import { openedLog } from '../../src/personal-data/opened-log.js';
import { PersonKeys } from '../../src/personal-data/person-keys.js';
import { sealingLog } from '../../src/personal-data/sealing-log.js';
import { Keys } from '../../src/secrets/keys.js';
import { callerOf, originOf } from '../support/log-events.js';
import { someSettings } from '../support/parts.js';
import { openReadSide, type ReadSide } from '../support/read-side.js';

const bea = callerOf('acme', { id: 'bea', name: 'Bea Erased' });
const settings = someSettings();

let side: ReadSide;
let keys: PersonKeys;
let sealing: EventStore;
let denials: AccessDenials;

beforeEach(async () => {
  side = await openReadSide();
  keys = new PersonKeys(side.database, new Keys(settings, new Clock()));
  sealing = sealingLog(side.store, keys);
  denials = new AccessDenials(sealing, settings);
});
afterEach(() => side.close());

function eraseBea(by = bea) {
  const handler = new ErasePersonalDataHandler(new DecideAndAppend(sealing, denials, settings), keys, denials);
  const request = commandRequest(originOf(by), 'erasePersonalData', {}, new Date());
  return handler.execute(new ErasePersonalData(request, 'bea'));
}

async function toldOfActors() {
  const end = new AbortController();
  const told: unknown[] = [];
  for await (const { events, isEnd } of openedLog(side.store, keys).follow(null, end.signal)) {
    for (const { type, metadata } of events) told.push([type, metadata.actor.name, metadata.ip, metadata.userAgent]);
    if (isEnd) end.abort();
  }
  return told;
}

/** Promise: after an erasure nothing tells of the person any more, up to the erasure itself. */
describe('an erasure', () => {
  it('that a person asks for herself does not tell of her', async () => {
    await eraseBea();
    expect(await toldOfActors()).toEqual([['PersonalDataErased', null, null, null]]);
  });

  it('takes what tells of the person from refusals that are not on the log yet, and from those of nobody else', async () => {
    const ada = callerOf('acme', { name: 'Ada' });
    for (const caller of [bea, ada])
      denials.record(originOf(caller), 'deleteApp', new DomainError('FORBIDDEN', 'You may not.'));
    await eraseBea(ada);
    await denials.onApplicationShutdown();

    const { ip, userAgent } = originOf(ada);
    const told = await toldOfActors();
    expect(told).toHaveLength(3);
    expect(told).toEqual(
      expect.arrayContaining([
        ['AccessDenied', null, null, null],
        ['AccessDenied', 'Ada', ip, userAgent],
        ['PersonalDataErased', 'Ada', ip, userAgent],
      ]),
    );
  });
});
