import { Button, Stack } from '@mantine/core';
import { useMemo, useState } from 'react';
import { PlusIcon } from '../common/icons.js';
import { useNewRow } from '../common/new-rows.js';
import { Problem } from '../common/problem.js';
import { SearchedList } from '../common/searched-list.js';
import { Section } from '../common/section.js';
import { useRight } from '../service.js';
import { strings } from '../strings.js';
import { AddApp } from './add-app.js';
import { useAppChanges } from './app-changes.js';
import { appColumns } from './app-columns.js';
import { AppDialogs, type OpenDialog } from './app-dialogs.js';
import { useApps, type App } from './app-list.js';
import { AppMenu } from './app-menu.js';

const HEADING = 'apps-heading';
const ADD = 'add-app';
const texts = strings.apps;

export function AppsSection({ asOf }: { asOf: string | null }) {
  const { question, list } = useApps(asOf);
  const mayChange = useRight('changeApps') && asOf === null;
  const [isAdding, setAdding] = useState(false);
  const [newId, markNew] = useNewRow();
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const changes = useAppChanges();
  const columns = useMemo(() => appColumns(newId), [newId]);
  const menu = useMemo(() => {
    const attempt = (action: Promise<unknown>) => {
      setError(null);
      action.catch((failure: unknown) => setError(failure as Error));
    };
    return (app: App) => (
      <AppMenu
        app={app}
        mayChange={mayChange}
        onOpen={(kind) => setDialog({ kind, app })}
        onDisable={() => attempt(changes.disable(app))}
        onActivate={() => attempt(changes.activate(app))}
      />
    );
  }, [changes, mayChange]);

  function closeForm(): void {
    setAdding(false);
    requestAnimationFrame(() => document.getElementById(ADD)?.focus());
  }

  function showAdded(app: App | null): void {
    closeForm();
    question.clear();
    if (app) markNew(app.id);
  }

  const add = mayChange && (
    <Button id={ADD} leftSection={<PlusIcon />} onClick={() => setAdding(true)} aria-expanded={isAdding}>
      {texts.add}
    </Button>
  );
  return (
    <Section id={HEADING} heading={texts.heading} explanation={texts.explanation} action={add}>
      <Stack>
        {isAdding && <AddApp add={changes.add} onAdded={showAdded} onCancel={closeForm} />}
        {error && <Problem error={error} onClose={() => setError(null)} />}
        <SearchedList texts={texts} question={question} list={list} columns={columns} menu={menu} mayAdd={mayChange} />
      </Stack>
      {dialog && (
        <AppDialogs
          open={dialog}
          changes={changes}
          fallback={HEADING}
          mayChange={mayChange}
          onClose={() => setDialog(null)}
        />
      )}
    </Section>
  );
}
