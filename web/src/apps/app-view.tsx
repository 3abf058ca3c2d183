import { List, Skeleton, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { CopiedField } from '../common/copied-field.js';
import { Dialog } from '../common/dialog.js';
import { Moment } from '../common/moment.js';
import { Problem } from '../common/problem.js';
import { strings } from '../strings.js';
import type { DialogProps } from './app-dialogs.js';
import type { App } from './app-list.js';

const texts = strings.apps.view;
type Shown = { credentials: { clientSecret: string } | null } | { error: Error };

/** An app's credentials, for those who may see them. The secret is in the memory of this dialog only. */
export function AppView({ app, changes, onClose, returnTo, mayViewSecret }: DialogProps & { mayViewSecret: boolean }) {
  const [shown, setShown] = useState<Shown | null>(null);
  useEffect(() => {
    if (!mayViewSecret) return undefined;
    let isOpen = true;
    const show = (next: Shown) => isOpen && setShown(next);
    changes.viewCredentials(app).then(
      (credentials) => show({ credentials }),
      (error: unknown) => show({ error: error as Error }),
    );
    return () => {
      isOpen = false;
    };
  }, [app, changes, mayViewSecret]);

  return (
    <Dialog title={texts.title(app.name)} onClose={onClose} returnTo={returnTo} size="lg">
      <Stack>
        <CopiedField label={texts.clientId} value={app.clientId} />
        {mayViewSecret && <Secret shown={shown} />}
        <Facts app={app} />
      </Stack>
    </Dialog>
  );
}

function Secret({ shown }: { shown: Shown | null }) {
  if (!shown) return <Skeleton height={60} />;
  if ('error' in shown) return <Problem error={shown.error} />;
  if (!shown.credentials) return <Text>{texts.gone}</Text>;
  return <CopiedField label={texts.clientSecret} value={shown.credentials.clientSecret} description={texts.recorded} />;
}

function Facts({ app: { description, permissions, secrets } }: { app: App }) {
  return (
    <>
      {description && <Fact title={texts.description}>{description}</Fact>}
      {permissions.length > 0 && (
        <Fact title={texts.permissions}>
          {permissions.map((each) => strings.apps.permissions.labels[each]).join('; ')}
        </Fact>
      )}
      <div>
        <Text fw={500} size="sm">
          {texts.secrets}
        </Text>
        <List size="sm">
          {secrets.map(({ id, hint, createdAt, expiresAt }) => (
            <List.Item key={id}>
              {texts.secret(hint)}, {texts.since} <Moment at={createdAt} />
              {expiresAt && (
                <>
                  , {texts.until} <Moment at={expiresAt} />
                </>
              )}
            </List.Item>
          ))}
        </List>
      </div>
    </>
  );
}

const Fact = ({ title, children }: { title: string; children: string }) => (
  <div>
    <Text fw={500} size="sm">
      {title}
    </Text>
    <Text size="sm" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }} dir="auto">
      {children}
    </Text>
  </div>
);
