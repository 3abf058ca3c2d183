import { Stack, Text } from '@mantine/core';
import { Confirmation } from '../common/confirmation.js';
import { CopiedField } from '../common/copied-field.js';
import { Dialog } from '../common/dialog.js';
import { Moment } from '../common/moment.js';
import { optionsId } from '../common/row-menu.js';
import { strings } from '../strings.js';
import type { TokenChanges } from './token-changes.js';
import type { Token } from './token-list.js';

export type DialogKind = 'view' | 'revoke' | 'delete';
export type OpenDialog = { kind: DialogKind; token: Token };

type Props = { open: OpenDialog; changes: TokenChanges; fallback: string; onClose: () => void };

const texts = strings.tokens;

/** The dialog of a row's options that is open. */
export function TokenDialogs({ open: { kind, token }, changes, fallback, onClose }: Props) {
  const shared = { onClose, returnTo: [optionsId(token.id), fallback] };
  if (kind === 'view') return <TokenView token={token} {...shared} />;
  const question = kind === 'revoke' ? texts.confirmRevoke : texts.confirmDelete;
  return (
    <Confirmation
      title={question.title(token.name)}
      text={question.text}
      onYes={() => (kind === 'revoke' ? changes.revoke(token) : changes.remove(token))}
      {...shared}
    />
  );
}

type ViewProps = { token: Token; onClose: () => void; returnTo: readonly string[] };

const TokenView = ({ token, ...shared }: ViewProps) => (
  <Dialog title={texts.view.title(token.name)} size="lg" {...shared}>
    <Stack>
      <CopiedField label={texts.view.identifier} value={token.identifier} description={texts.view.explanation} />
      <Text size="sm">
        {texts.view.created} <Moment at={token.createdAt} />
        <br />
        {texts.view.expires} <Moment at={token.expiresAt} />
        {token.revokedAt && (
          <>
            <br />
            {texts.view.revoked} <Moment at={token.revokedAt} />{' '}
            {token.revokedBy && texts.view.by(token.revokedBy.name)}
          </>
        )}
      </Text>
    </Stack>
  </Dialog>
);
