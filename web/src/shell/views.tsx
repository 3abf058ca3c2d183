import { Button, Container, Stack, Text, Title } from '@mantine/core';
import { lazy, Suspense, useEffect, useRef, type ReactNode } from 'react';
import { goTo, paths, usePath } from '../address.js';
import { AppsAndTokens } from '../apps-and-tokens.js';
import { Loading } from '../common/loading.js';
import { useRight } from '../service.js';
import { strings } from '../strings.js';

const AuditTrail = lazy(() => import('../audit/audit-trail.js'));
const Status = lazy(() => import('../status/status.js'));

/** What the address names, under a heading of its own that takes the focus when one goes there. */
export function Views() {
  const path = usePath();
  const maySeePast = useRight('seeThePast');
  const maySeeStatus = useRight('seeStatus');
  if (path === paths['apps-and-tokens'])
    return (
      <ViewFrame title={strings.page.heading}>
        <AppsAndTokens />
      </ViewFrame>
    );
  if (path === paths['audit-trail'] && maySeePast)
    return (
      <ViewFrame title={strings.shell.auditTrail}>
        <AuditTrail />
      </ViewFrame>
    );
  if (path === paths.status && maySeeStatus)
    return (
      <ViewFrame title={strings.shell.status}>
        <Status />
      </ViewFrame>
    );
  return (
    <ViewFrame title={strings.shell.notFound}>
      <Stack align="flex-start">
        <Text>{strings.shell.notFoundText}</Text>
        <Button onClick={() => goTo('/')}>{strings.shell.home}</Button>
      </Stack>
    </ViewFrame>
  );
}

let isFirst = true;

function ViewFrame({ title, children }: { title: string; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = strings.title(title);
    if (!isFirst) heading.current?.focus();
    isFirst = false;
  }, [title]);
  return (
    <Container size="lg" component="main" id="content" py="lg">
      <Title order={1} ref={heading} tabIndex={-1} mb="lg" size="h2" style={{ outline: 'none' }}>
        {title}
      </Title>
      <Suspense fallback={<Loading />}>{children}</Suspense>
    </Container>
  );
}
