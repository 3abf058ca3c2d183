import { useState } from 'react';

type Change = { isBusy: boolean; error: Error | null; run: (action: () => Promise<void>) => Promise<void> };

/** Something that is being done, or has failed. */
export function useChange(): Change {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);

  async function run(action: () => Promise<void>): Promise<void> {
    if (isBusy) return;
    setBusy(true);
    setError(null);
    try {
      await action();
    } catch (failure) {
      setError(failure as Error);
    }
    setBusy(false);
  }

  return { isBusy, error, run };
}
