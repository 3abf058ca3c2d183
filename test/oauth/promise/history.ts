/** What happened to credentials and what was said of them, with the moments between which it must have been. */
export type Entry =
  | { kind: 'created' | 'stopped'; credential: string; start: number; end: number; isAnswered: boolean }
  | { kind: 'checked'; credential: string; start: number; end: number; answer: 'active' | 'inactive' | 'refused' };

/** A check whose answer was wrong, in words. */
export type Flaw = string;

type Life = { goodFrom: number; stopsFrom: number; deadFrom: number };

/**
 * Looks at a history afterwards: whatever began after a stop was answered must not say active, and whatever began after a
 * credential was handed out and ended before anybody stopped it must not say inactive. In between either is right, and to refuse
 * to answer always is.
 */
export function flawsOf(history: readonly Entry[]): Flaw[] {
  const lives = new Map<string, Life>();
  for (const entry of history) {
    if (entry.kind === 'checked') continue;
    const life = lives.get(entry.credential) ?? { goodFrom: Infinity, stopsFrom: Infinity, deadFrom: Infinity };
    if (entry.kind === 'created') life.goodFrom = Math.min(life.goodFrom, entry.end);
    // A stop that was not answered may or may not be in force; one that was, is.
    else life.stopsFrom = Math.min(life.stopsFrom, entry.start);
    if (entry.kind === 'stopped' && entry.isAnswered) life.deadFrom = Math.min(life.deadFrom, entry.end);
    lives.set(entry.credential, life);
  }
  return history.flatMap((entry) => (entry.kind === 'checked' ? flawOf(entry, lives.get(entry.credential)) : []));
}

function flawOf({ credential, start, end, answer }: Entry & { kind: 'checked' }, life: Life | undefined): Flaw[] {
  if (!life) return [`${credential} was checked and never created`];
  if (answer === 'active' && start > life.deadFrom)
    return [`${credential} was active ${(start - life.deadFrom).toFixed(1)} ms after its stop was answered`];
  if (answer === 'inactive' && start > life.goodFrom && end < life.stopsFrom)
    return [`${credential} was inactive ${(start - life.goodFrom).toFixed(1)} ms after it was handed out`];
  return [];
}
