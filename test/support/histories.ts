import { randomUUID } from 'node:crypto';
import { appDecider, type AppCommand, type AppEvent } from '../../src/apps/app.decider.js';
import type { Decider } from '../../src/event-store/decider.js';
import { tokenDecider, type TokenCommand, type TokenEvent } from '../../src/tokens/token.decider.js';
import { secretOf } from './log-events.js';

const START = Date.parse('2026-03-01T10:00:00Z');
const HOUR = 3_600_000;

/** Numbers that look random and are the same in each run. */
export function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

/** What happens to an app or token when these commands are sent, without those that are refused. */
function happen<State, Command, Event>(decider: Decider<State, Command, Event>, commands: Command[]): Event[] {
  const events: Event[] = [];
  for (const command of commands) {
    try {
      events.push(...decider.decide(command, events.reduce<State>(decider.evolve, decider.initial)));
    } catch {
      // Refused by the rules.
    }
  }
  return events;
}

export function appHistory(roll: (sides: number) => number, length: number): AppEvent[] {
  const appId = randomUUID();
  const commandAt = (step: number): AppCommand => {
    const asked = { appId, now: new Date(START + step * HOUR) };
    const kind = roll(13);
    if (kind < 2) return { ...asked, type: 'DisableApp' };
    if (kind < 5) return { ...asked, type: 'ActivateApp' };
    if (kind < 8) return { ...asked, type: 'RotateAppSecret', secret: secretOf(), overlapMilliseconds: roll(5) * HOUR };
    if (kind < 9) return { ...asked, type: 'ChangeAppPermissions', grant: ['INTROSPECT_TOKENS'], withdraw: [] };
    if (kind < 10)
      return { ...asked, type: 'ChangeAppPermissions', grant: ['EXPIRE_TOKENS'], withdraw: ['INTROSPECT_TOKENS'] };
    if (kind < 12) return { ...asked, type: 'ViewAppCredentials' };
    return { ...asked, type: 'DeleteApp' };
  };
  const first: AppCommand = {
    type: 'AddApp',
    appId,
    now: new Date(START),
    clientId: `lk_app_${appId}`,
    name: `App ${roll(1_000)} 🔑`,
    description: 'Größe\nzwei',
    secret: secretOf(),
  };
  return happen(appDecider, [first, ...Array.from({ length }, (_, step) => commandAt(step + 1))]);
}

export function tokenHistory(roll: (sides: number) => number, length: number): TokenEvent[] {
  const tokenId = randomUUID();
  const commandAt = (step: number): TokenCommand => {
    const asked = { tokenId, now: new Date(START + step * HOUR) };
    const kind = roll(6);
    if (kind < 1) return { ...asked, type: 'RevokeToken', reach: 'any' };
    if (kind < 4) return { ...asked, type: 'ExpireToken' };
    return { ...asked, type: 'DeleteToken', reach: 'any' };
  };
  const first: TokenCommand = {
    type: 'CreateToken',
    tokenId,
    now: new Date(START),
    identifier: `lk_id_${tokenId}`,
    name: `Token ${roll(1_000)}`,
    owner: { id: `user-${roll(3)}` },
    secret: { hash: randomUUID(), pepperId: 'pepper-1' },
    expiresAt: roll(2) ? new Date(START + (1 + roll(4)) * HOUR) : null,
  };
  return happen(tokenDecider, [first, ...Array.from({ length }, (_, step) => commandAt(step + 1))]);
}
