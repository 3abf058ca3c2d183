import { Menu } from '@mantine/core';
import { RowMenu } from '../common/row-menu.js';
import { useRight, useService } from '../service.js';
import { strings } from '../strings.js';
import type { DialogKind } from './token-dialogs.js';
import type { Token } from './token-list.js';

const texts = strings.tokens.menu;

type Props = { token: Token; isPast: boolean; onOpen: (dialog: DialogKind) => void };

export function TokenMenu({ token, isPast, onOpen }: Props) {
  const { me } = useService();
  const mayChangeAny = useRight('changeAnyToken');
  const mayChangeOwn = useRight('createTokens');
  const mayChange = !isPast && (mayChangeAny || (mayChangeOwn && token.createdBy.id === me.id));
  const isActive = token.status === 'ACTIVE';
  return (
    <RowMenu id={token.id} name={token.name}>
      <Menu.Item onClick={() => onOpen('view')}>{texts.view}</Menu.Item>
      {mayChange && (
        <>
          <Menu.Item disabled={!isActive} onClick={() => onOpen('revoke')}>
            {texts.revoke}
          </Menu.Item>
          <Menu.Item disabled={isActive} color="var(--mantine-color-error)" onClick={() => onOpen('delete')}>
            {texts.delete}
          </Menu.Item>
        </>
      )}
    </RowMenu>
  );
}
