import { Button, Stack } from '@mantine/core';
import { useMemo, useState } from 'react';
import { PlusIcon } from '../common/icons.js';
import { useNewRow } from '../common/new-rows.js';
import { SearchedList } from '../common/searched-list.js';
import { Section } from '../common/section.js';
import { useRight } from '../service.js';
import { strings } from '../strings.js';
import { CreateToken } from './create-token.js';
import { useTokenChanges } from './token-changes.js';
import { tokenColumns } from './token-columns.js';
import { TokenDialogs, type OpenDialog } from './token-dialogs.js';
import { useTokens, type Token } from './token-list.js';
import { TokenMenu } from './token-menu.js';

const HEADING = 'tokens-heading';
const ADD = 'add-token';
const texts = strings.tokens;

export function TokensSection({ asOf }: { asOf: string | null }) {
  const { question, list } = useTokens(asOf);
  const isPast = asOf !== null;
  const mayCreate = useRight('createTokens') && !isPast;
  const [isCreating, setCreating] = useState(false);
  const [newId, markNew] = useNewRow();
  const [dialog, setDialog] = useState<OpenDialog | null>(null);
  const changes = useTokenChanges();
  const columns = useMemo(() => tokenColumns(newId), [newId]);
  const menu = useMemo(
    () => (token: Token) => <TokenMenu token={token} isPast={isPast} onOpen={(kind) => setDialog({ kind, token })} />,
    [isPast],
  );

  function showCreated(id: string | null): void {
    question.clear();
    if (id) markNew(id);
  }

  const add = mayCreate && (
    <Button id={ADD} leftSection={<PlusIcon />} onClick={() => setCreating(true)}>
      {texts.add}
    </Button>
  );
  return (
    <Section id={HEADING} heading={texts.heading} explanation={texts.explanation} action={add}>
      <Stack>
        <SearchedList texts={texts} question={question} list={list} columns={columns} menu={menu} mayAdd={mayCreate} />
      </Stack>
      {isCreating && (
        <CreateToken
          create={changes.create}
          onCreated={showCreated}
          onClose={() => setCreating(false)}
          returnTo={[ADD, HEADING]}
        />
      )}
      {dialog && <TokenDialogs open={dialog} changes={changes} fallback={HEADING} onClose={() => setDialog(null)} />}
    </Section>
  );
}
