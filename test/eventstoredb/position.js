// Beyond what a Number holds: an adapter that lets a position become one resumes in the wrong place and is found out.
const FIRST = 2n ** 53n + 1n;

/** The stored log counts its offsets from 0; on the wire they are positions. */
export const toPosition = (offset) => (FIRST + BigInt(offset)).toString();

export const toOffset = (position) => Number(BigInt(position) - FIRST);
