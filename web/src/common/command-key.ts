import { useState } from 'react';

/** What makes a command one, however often it is sent: it stays until something else is meant, which `changed` tells. */
export function useCommandKey(): { key: string; changed: <Value>(set: (value: Value) => void, value: Value) => void } {
  const [key, setKey] = useState(() => crypto.randomUUID());
  return {
    key,
    changed: (set, value) => {
      set(value);
      setKey(crypto.randomUUID());
    },
  };
}
