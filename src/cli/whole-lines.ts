import { Transform, type TransformCallback } from 'node:stream';

const NEWLINE = 0x0a;

/** Lets an export through in whole lines, so that what broke off can be gone on with; and knows the position of the last. */
export class WholeLines extends Transform {
  #rest = Buffer.alloc(0);
  #position: string | null = null;

  constructor(private readonly format: string) {
    super();
  }

  /** Of the last entry that was let through. */
  get position(): string | null {
    return this.#position;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      return done();
    }
    const lines = Buffer.concat([this.#rest, chunk.subarray(0, end)]);
    this.#rest = Buffer.from(chunk.subarray(end));
    this.#position = positionIn(lines, this.format) ?? this.#position;
    done(null, lines);
  }

  override _flush(done: TransformCallback): void {
    done(this.#rest.length === 0 ? null : new Error('It ended within a line.'));
  }
}

/** The position that stands first in the last line, in either format; `null` when that is the heading, or none at all. */
export function positionIn(lines: Buffer, format: string): string | null {
  const start = lines.lastIndexOf(NEWLINE, -2) + 1;
  const pattern = format === 'csv' ? /^(\d+(?:\/\d+)?),/ : /^\{"position":"(\d+(?:\/\d+)?)"/;
  return pattern.exec(lines.toString('utf8', start, start + 100))?.[1] ?? null;
}
