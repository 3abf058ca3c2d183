import { Menu } from '@mantine/core';
import { RowMenu } from '../common/row-menu.js';
import { useRight } from '../service.js';
import { strings } from '../strings.js';
import type { DialogKind } from './app-dialogs.js';
import type { App } from './app-list.js';

const texts = strings.apps.menu;

type Props = {
  app: App;
  mayChange: boolean;
  onOpen: (dialog: DialogKind) => void;
  onDisable: () => void;
  onActivate: () => void;
};

export function AppMenu({ app, mayChange, onOpen, onDisable, onActivate }: Props) {
  const mayPermit = useRight('changePermissions');
  const isActive = app.status === 'ACTIVE';
  return (
    <RowMenu id={app.id} name={app.name}>
      <Menu.Item onClick={() => onOpen('view')}>{texts.view}</Menu.Item>
      {mayChange && (
        <>
          <Menu.Item disabled={!isActive} onClick={onDisable}>
            {texts.disable}
          </Menu.Item>
          <Menu.Item disabled={isActive} onClick={onActivate}>
            {texts.activate}
          </Menu.Item>
          <Menu.Item disabled={!isActive} onClick={() => onOpen('rotate')}>
            {texts.rotate}
          </Menu.Item>
          {mayPermit && <Menu.Item onClick={() => onOpen('permissions')}>{texts.permissions}</Menu.Item>}
          <Menu.Divider />
          <Menu.Item color="var(--mantine-color-error)" onClick={() => onOpen('delete')}>
            {texts.delete}
          </Menu.Item>
        </>
      )}
    </RowMenu>
  );
}
