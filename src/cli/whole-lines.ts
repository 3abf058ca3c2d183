const NEWLINE = 0x0a;

/** What came of an export in whole lines, so that what broke off can be gone on with. Throws where it ends within a line. */
export async function* wholeLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const text = Buffer.concat([rest, chunk]);
    const { length } = wholeLinesOf(text);
    rest = text.subarray(length);
    if (length > 0) yield text.subarray(0, length);
  }
  if (rest.length > 0) throw new Error('It ended within a line.');
}

/** Without the last line, where its end is missing. */
export const wholeLinesOf = (text: Buffer): Buffer => text.subarray(0, text.lastIndexOf(NEWLINE) + 1);

/** The position that stands first in the last line, in either format; `null` when that is the heading, or none at all. */
export function positionIn(lines: Buffer, format: string): string | null {
  const start = lines.lastIndexOf(NEWLINE, -2) + 1;
  const pattern = format === 'csv' ? /^(\d+(?:\/\d+)?),/ : /^\{"position":"(\d+(?:\/\d+)?)"/;
  return pattern.exec(lines.toString('utf8', start, start + 100))?.[1] ?? null;
}

/** Whether it is how an export begins, with no entry that is whole. */
export function isBareBeginning(text: Buffer, format: string): boolean {
  const beginning = format === 'csv' ? 'position,' : '{"position":"';
  const most = format === 'csv' ? 1 : 0;
  const isBegun = text.toString('utf8', 0, beginning.length) === beginning.slice(0, text.length);
  return isBegun && text.filter((byte) => byte === NEWLINE).length <= most;
}
