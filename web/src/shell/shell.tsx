import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { WhoAmIDocument } from '../graphql/operations.generated.js';
import type { Requester } from '../graphql/requester.js';
import type { Sender } from '../graphql/sender.js';
import { ServiceContext } from '../service.js';
import { Doorstep, Waiting } from '../session/doorstep.js';
import { ExpiredDialog } from '../session/expired-dialog.js';
import type { Session } from '../session/session.js';
import { strings } from '../strings.js';
import { Announcements } from '../common/announcements.js';
import { Header } from './header.js';
import { Views } from './views.js';

type Props = { session: Session; request: Requester; send: Sender };

/** The page of somebody who has signed in. */
export function Shell({ session, request, send }: Props) {
  const { data, error } = useQuery({
    queryKey: ['me'],
    queryFn: ({ signal }) => request(WhoAmIDocument, {}, signal),
    staleTime: Infinity,
  });
  const me = data?.me;
  const service = useMemo(() => me && { me, request, send, session }, [me, request, send, session]);
  if (error)
    return (
      <Doorstep
        title={strings.entrance.failed}
        text={error.message}
        action={strings.entrance.signIn}
        onAction={() => session.signIn()}
      />
    );
  if (!service) return <Waiting />;
  if (service.me.roles.length === 0)
    return (
      <Doorstep
        title={strings.shell.noRole}
        text={strings.shell.noRoleText}
        action={strings.shell.signOut}
        onAction={() => session.signOut()}
      />
    );
  return (
    <ServiceContext value={service}>
      <Announcements>
        <Header />
        <Views />
        <ExpiredDialog />
      </Announcements>
    </ServiceContext>
  );
}
