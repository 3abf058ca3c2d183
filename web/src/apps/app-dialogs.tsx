import { Confirmation } from '../common/confirmation.js';
import { optionsId } from '../common/row-menu.js';
import { strings } from '../strings.js';
import type { AppChanges } from './app-changes.js';
import type { App } from './app-list.js';
import { AppPermissions } from './app-permissions.js';
import { AppRotation } from './app-rotation.js';
import { AppView } from './app-view.js';

export type DialogKind = 'view' | 'rotate' | 'permissions' | 'delete';
export type OpenDialog = { kind: DialogKind; app: App };

type Props = { open: OpenDialog; changes: AppChanges; fallback: string; mayChange: boolean; onClose: () => void };

/** The dialog of a row's options that is open. */
export function AppDialogs({ open: { kind, app }, changes, fallback, mayChange, onClose }: Props) {
  const shared = { app, changes, onClose, returnTo: [optionsId(app.id), fallback] };
  if (kind === 'view') return <AppView {...shared} mayViewSecret={mayChange} />;
  if (kind === 'rotate') return <AppRotation {...shared} />;
  if (kind === 'permissions') return <AppPermissions {...shared} />;
  return (
    <Confirmation
      title={strings.apps.confirmDelete.title(app.name)}
      text={strings.apps.confirmDelete.text}
      onYes={() => changes.remove(app)}
      onClose={onClose}
      returnTo={shared.returnTo}
    />
  );
}

export type DialogProps = { app: App; changes: AppChanges; onClose: () => void; returnTo: readonly string[] };
