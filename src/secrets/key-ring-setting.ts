import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseKeyRing } from './key-ring.js';

/** Whether `KEY_RING` is the ring itself, and not the path of a file that holds it. */
export const isRingItself = (text: string) => text.trimStart().startsWith('{');

export const keyRingSetting = z.string().transform((text, context) => {
  try {
    if (isRingItself(text)) return { ring: parseKeyRing(text), file: null };
    return { ring: parseKeyRing(contentOf(text)), file: text };
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : 'cannot be read');
    return z.NEVER;
  }
});

/** The error of `readFileSync` would show the path, and that may be a key that was meant as JSON. */
function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new Error('is neither JSON nor the path of a file that can be read');
  }
}
