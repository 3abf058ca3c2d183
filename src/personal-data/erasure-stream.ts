import { v5 as uuidv5 } from 'uuid';
import { erasureDecider } from './erasure.decider.js';
import type { Person } from './person-keys.js';

const NAMESPACE = '5a0c8d1e-0f0b-4d0f-9a86-4b3e2f6c7d10';

export const erasureStreamId = ({ tenantId, personId }: Person): string =>
  uuidv5(JSON.stringify([tenantId, personId]), NAMESPACE);

/** The stream that tells when a person was erased. */
export const erasureStreamOf = (streamPrefix: string, person: Person): string =>
  `${streamPrefix}.${erasureDecider.category}-${erasureStreamId(person)}`;
