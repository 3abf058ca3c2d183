import { QueryClientProvider } from '@tanstack/react-query';
import { useMemo } from 'react';
import { createQueryClient } from '../graphql/query-client.js';
import { createRequester } from '../graphql/requester.js';
import { createSender } from '../graphql/sender.js';
import { Shell } from '../shell/shell.js';
import { strings } from '../strings.js';
import { NotConfigured } from './not-configured.js';
import type { Session } from './session.js';
import { Doorstep, Waiting } from './doorstep.js';

export type Entered =
  | { as: 'leaving' }
  | { as: 'unconfigured' }
  | { as: 'unreachable'; problem: string }
  | { as: 'refused'; session: Session; problem: string }
  | { as: 'signed-in' | 'signed-out'; session: Session };

/** What is shown before, and in place of, the page of somebody who has signed in. */
export function Entrance({ entered }: { entered: Entered }) {
  if (entered.as === 'leaving') return <Waiting />;
  if (entered.as === 'unconfigured') return <NotConfigured />;
  if (entered.as === 'unreachable')
    return <Doorstep title={strings.entrance.unreachable} text={entered.problem} action={strings.common.tryAgain} />;

  const { session } = entered;
  if (entered.as === 'signed-in') return <SignedIn session={session} />;
  const signIn = { action: strings.entrance.signIn, onAction: () => session.signIn() };
  if (entered.as === 'refused') return <Doorstep title={strings.entrance.failed} text={entered.problem} {...signIn} />;
  return <Doorstep title={strings.entrance.signedOut} text={strings.entrance.signedOutText} {...signIn} />;
}

function SignedIn({ session }: { session: Session }) {
  const queryClient = useMemo(() => createQueryClient(), []);
  const send = useMemo(() => createSender(session), [session]);
  const request = useMemo(() => createRequester(send), [send]);
  return (
    <QueryClientProvider client={queryClient}>
      <Shell session={session} request={request} send={send} />
    </QueryClientProvider>
  );
}
