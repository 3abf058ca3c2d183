import { Alert, Code, Text } from '@mantine/core';
import { useState } from 'react';
import { CheckIcon } from '../common/icons.js';
import { Problem } from '../common/problem.js';
import { useChange } from '../common/use-change.js';
import { useService } from '../service.js';
import { strings } from '../strings.js';
import type { Entry } from './audit-list.js';
import { verifyEntries, type Verified } from './verify.js';

const texts = strings.audit.verify;

type Verification = { verified: Verified | null; error: Error | null; isBusy: boolean; begin: () => void };

/** Works out in this browser whether the entries that are shown are the ones that were signed. */
export function useVerification(entries: readonly Entry[]): Verification {
  const { request } = useService();
  const [verified, setVerified] = useState<{ of: string; result: Verified } | null>(null);
  const { isBusy, error, run } = useChange();
  const shown = entries.map(({ id }) => id).join();

  const verify = () =>
    run(async () => {
      setVerified(null);
      setVerified({ of: shown, result: await verifyEntries(request, entries) });
    });

  // It is about the entries that were verified and no others.
  const result = verified?.of === shown ? verified.result : null;
  return { verified: result, error, isBusy, begin: () => void verify() };
}

export function VerificationResult({ verification: { verified, error } }: { verification: Verification }) {
  if (error) return <Problem title={texts.failed} error={error} />;
  return verified && <Holds {...verified} />;
}

const Holds = ({ entries, head, publicKey, before, isOtherKey }: Verified) => (
  <Alert
    color={isOtherKey ? 'orange' : 'green'}
    role="status"
    icon={isOtherKey ? null : <CheckIcon size={22} color="var(--mantine-color-green-filled)" />}
    title={texts.holds(texts.entries(entries), texts.entries(head.size))}
  >
    {before !== null && <Text size="sm">{texts.again(texts.entries(before))}</Text>}
    {isOtherKey && <Text size="sm">{texts.keyChanged}</Text>}
    <Text size="sm">
      {texts.key} <Code style={{ overflowWrap: 'anywhere' }}>{publicKey}</Code>. {texts.keyHint}
    </Text>
  </Alert>
);
