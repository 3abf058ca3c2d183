import { Command } from '@nestjs/cqrs';
import type { CommandRequest } from '../event-store/command-request.js';
import type { Position } from '../event-store/position.js';
import type { AppPermission } from './app.decider.js';

export type AppChanged = { appId: string; position: Position | null };
export type AppCredentials = { clientId: string; clientSecret: string };
/** No credentials: the secret that this command told of has been destroyed since. */
export type AppChangedWithCredentials = AppChanged & { credentials: AppCredentials | null };

export class AddApp extends Command<AppChangedWithCredentials> {
  constructor(
    readonly request: CommandRequest,
    readonly name: string,
    readonly description: string,
  ) {
    super();
  }
}

export class ViewAppCredentials extends Command<AppChangedWithCredentials> {
  constructor(
    readonly request: CommandRequest,
    readonly appId: string,
  ) {
    super();
  }
}

export class DisableApp extends Command<AppChanged> {
  constructor(
    readonly request: CommandRequest,
    readonly appId: string,
  ) {
    super();
  }
}

export class ActivateApp extends Command<AppChanged> {
  constructor(
    readonly request: CommandRequest,
    readonly appId: string,
  ) {
    super();
  }
}

export class RotateAppSecret extends Command<AppChangedWithCredentials> {
  constructor(
    readonly request: CommandRequest,
    readonly appId: string,
    readonly overlapMilliseconds: number,
  ) {
    super();
  }
}

export class ChangeAppPermissions extends Command<AppChanged> {
  constructor(
    readonly request: CommandRequest,
    readonly appId: string,
    readonly grant: AppPermission[],
    readonly withdraw: AppPermission[],
  ) {
    super();
  }
}

export class DeleteApp extends Command<AppChanged> {
  constructor(
    readonly request: CommandRequest,
    readonly appId: string,
  ) {
    super();
  }
}
