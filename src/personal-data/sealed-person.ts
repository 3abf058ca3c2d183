import { randomBytes } from 'node:crypto';
import { commitmentTo } from '../audit/evidence/leaf.js';
import type { EventMetadata, NewEvent } from '../event-store/event-store.js';
import { decrypt, encrypt } from '../secrets/seal.js';
import type { PersonKey } from './person-keys.js';

type Told = { name: string | null; ip: string | null; userAgent: string | null; salt: string };

/** The event with what tells of its actor sealed. */
export function sealPerson<Event extends NewEvent>(event: Event, { id: keyId, key }: PersonKey): Event {
  const { actor, ip, userAgent } = event.metadata;
  const salt = randomBytes(16);
  const told: Told = { name: actor.name, ip, userAgent, salt: salt.toString('base64') };
  const metadata: EventMetadata = {
    ...event.metadata,
    actor: { ...actor, name: null },
    ip: null,
    userAgent: null,
    person: {
      keyId,
      sealed: encrypt(Buffer.from(JSON.stringify(told)), key, contextOf(event)).toString('base64'),
      commitment: commitmentTo({ name: actor.name, ip, userAgent }, salt),
    },
  };
  return { ...event, metadata };
}

/** The event as it was before. Throws when its key is another one, or when it was changed. */
export function openPerson<Event extends NewEvent>(event: Event, { key }: PersonKey): Event {
  const { actor, person } = event.metadata;
  if (!person) return event;
  const text = decrypt(Buffer.from(person.sealed, 'base64'), key, contextOf(event)).toString();
  const { name, ip, userAgent, salt } = JSON.parse(text) as Told;
  return {
    ...event,
    metadata: { ...event.metadata, actor: { ...actor, name }, ip, userAgent, person: { ...person, salt } },
  };
}

/** What is sealed cannot be put into another event. */
const contextOf = ({ id, metadata }: NewEvent) => JSON.stringify(['event', 1, metadata.tenantId, id]);
