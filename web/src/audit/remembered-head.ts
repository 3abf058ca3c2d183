import type { Head } from './evidence.js';

// What this browser has verified last: public, and of use only because the service cannot change it.

type Remembered = { head: Head; publicKey: string };

const nameOf = (origin: string) => `latchkey.verified.${origin}`;

export function recallHead(origin: string): Remembered | null {
  const text = localStorage.getItem(nameOf(origin));
  return text === null ? null : (JSON.parse(text) as Remembered);
}

export const rememberHead = (remembered: Remembered): void =>
  localStorage.setItem(nameOf(remembered.head.origin), JSON.stringify(remembered));
