import { useCallback, useEffect, useState } from 'react';

const NEW_FOR = 8_000;

/** The row that was just added, for a moment. */
export function useNewRow(): [string | null, (id: string) => void] {
  const [id, setId] = useState<string | null>(null);
  useEffect(() => {
    if (id === null) return undefined;
    const timer = setTimeout(() => setId(null), NEW_FOR);
    return () => clearTimeout(timer);
  }, [id]);
  return [id, useCallback((added: string) => setId(added), [])];
}
