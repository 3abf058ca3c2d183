import {
  AuditCheckpointDocument,
  ConsistencyProofDocument,
  InclusionProofDocument,
} from '../graphql/operations.generated.js';
import type { Requester } from '../graphql/requester.js';
import { strings } from '../strings.js';
import { isContinued, leafHashOf, rootOfPath, type Head, type ProvableEntry } from './evidence.js';
import { openSignedHead } from './signed-head.js';
import { recallHead, rememberHead } from './remembered-head.js';

const ATTEMPTS = 4;
const AT_ONCE = 8;
const texts = strings.audit.verify;

export type Verified = { entries: number; head: Head; publicKey: string; before: number | null; isOtherKey: boolean };

/** Whether entries are in the tree of the signed head as they are shown here. Throws a sentence when anything does not hold. */
export async function verifyEntries(request: Requester, entries: readonly ProvableEntry[]): Promise<Verified> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { auditCheckpoint } = await request(AuditCheckpointDocument, {});
    const { note, publicKey } = auditCheckpoint;
    const head = await openSignedHead(note, publicKey);
    // Proofs are about the trail of their moment: when it has grown meanwhile, they are about another head.
    if (!(await areIncluded(request, entries, head))) continue;
    const before = recallHead(head.origin);
    if (before) await requireGrowth(request, before.head, head);
    rememberHead({ head, publicKey });
    const isOtherKey = before !== null && before.publicKey !== publicKey;
    return { entries: entries.length, head, publicKey, before: before?.head.size ?? null, isOtherKey };
  }
  throw new Error(texts.tooBusy);
}

async function areIncluded(request: Requester, entries: readonly ProvableEntry[], head: Head): Promise<boolean> {
  for (let start = 0; start < entries.length; start += AT_ONCE) {
    const proven = entries.slice(start, start + AT_ONCE).map((entry) => isIncluded(request, entry, head));
    if ((await Promise.all(proven)).includes(false)) return false;
  }
  return true;
}

/** `false` when the proof is about another head. */
async function isIncluded(request: Requester, entry: ProvableEntry, head: Head): Promise<boolean> {
  const { auditInclusionProof } = await request(InclusionProofDocument, { entryId: entry.id });
  if (auditInclusionProof.size !== head.size) return false;
  const root = await rootOfPath(await leafHashOf(entry), auditInclusionProof);
  if (root !== head.root) throw new Error(texts.entryChanged(entry.id));
  return true;
}

async function requireGrowth(request: Requester, before: Head, now: Head): Promise<void> {
  if (before.size > now.size) throw new Error(texts.badGrowth);
  const { auditConsistencyProof } = await request(ConsistencyProofDocument, { from: before.size, to: now.size });
  if (!(await isContinued(before, now, auditConsistencyProof.hashes))) throw new Error(texts.badGrowth);
}
