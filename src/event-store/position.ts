/**
 * A place in the log, opaque to everybody but this file: one 64-bit number, or the pair `commit/prepare`, as decimal text.
 * Never a JavaScript number: those are exact only up to 2^53.
 */
export type Position = string;

const LARGEST = 2n ** 63n;

/** Whether text from outside can be a position. */
export const isPosition = (text: string): text is Position =>
  /^\d{1,19}(\/\d{1,19})?$/.test(text) && parts(text).every((part) => part < LARGEST);

/** Negative when `a` lies before `b`. `null` is the beginning of the log, as is 0: no event of ours stands there. */
export function comparePositions(a: Position | null, b: Position | null): number {
  const [commitA, prepareA] = parts(a);
  const [commitB, prepareB] = parts(b);
  if (commitA !== commitB) return commitA < commitB ? -1 : 1;
  if (prepareA !== prepareB) return prepareA < prepareB ? -1 : 1;
  return 0;
}

export const earliestOf = (positions: readonly (Position | null)[]): Position | null =>
  positions.toSorted(comparePositions)[0] ?? null;

export const latestOf = (positions: readonly (Position | null)[]): Position | null =>
  positions.toSorted(comparePositions).at(-1) ?? null;

/** Of events in the log's order. Seldom is one of them not behind the position. */
export function eventsAfter<Event extends { position: Position }>(
  position: Position | null,
  events: readonly Event[],
): readonly Event[] {
  const first = events.findIndex((event) => comparePositions(position, event.position) < 0);
  return first < 0 ? [] : events.slice(first);
}

/** What was read lies beyond the end of the log: it is not the log that it was read from. */
export class BeyondTheLogError extends Error {
  override readonly name = 'BeyondTheLogError';
}

/** Waiting beyond the end of a log would step over all that comes until then. */
export function refuseBeyond(end: Position | null, position: Position | null): void {
  if (comparePositions(position, end) > 0)
    throw new BeyondTheLogError(
      `The log ends before position ${position}: it is another log, or was restored from an older copy.`,
    );
}

/** The number by which rows are kept in the log's order. */
export function logOrder(position: Position): string {
  return String(parts(position)[0]);
}

function parts(position: Position | null): [bigint, bigint] {
  if (position === null) return [0n, 0n];
  const [commit = '0', prepare = commit] = position.split('/');
  return [BigInt(commit), BigInt(prepare)];
}
