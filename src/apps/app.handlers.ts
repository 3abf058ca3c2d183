import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { createdId, secretIdOf, type CommandRequest } from '../event-store/command-request.js';
import { DecideAndAppend, type CommandOutcome } from '../event-store/decide-and-append.js';
import { ClientSecrets } from '../secrets/client-secrets.js';
import { clientIdOf, hintOf } from '../secrets/format.js';
import { Pepper } from '../secrets/pepper.js';
import {
  ActivateApp,
  AddApp,
  ChangeAppPermissions,
  DeleteApp,
  DisableApp,
  RotateAppSecret,
  ViewAppCredentials,
  type AppCredentials,
} from './app.commands.js';
import { appDecider, type AppCommand, type AppEvent, type AppSecret } from './app.decider.js';

@CommandHandler(AddApp)
export class AddAppHandler implements ICommandHandler<AddApp> {
  constructor(
    private readonly log: DecideAndAppend,
    private readonly vault: ClientSecrets,
    private readonly pepper: Pepper,
  ) {}

  async execute({ request, name, description }: AddApp) {
    const { now, commandId } = request;
    const appId = createdId(commandId);
    const outcome = await this.log.run(appDecider, appId, request, async (): Promise<AppCommand> => {
      const secret = await issueSecret(this.vault, this.pepper, request, appId);
      return { type: 'AddApp', appId, now, clientId: clientIdOf(appId), name, description, secret };
    });
    return { appId, position: outcome.position, credentials: await credentialsIn(outcome, this.vault, request, appId) };
  }
}

@CommandHandler(ViewAppCredentials)
export class ViewAppCredentialsHandler implements ICommandHandler<ViewAppCredentials> {
  constructor(
    private readonly log: DecideAndAppend,
    private readonly vault: ClientSecrets,
  ) {}

  async execute({ request, appId }: ViewAppCredentials) {
    const { now } = request;
    // The viewing is on the log before the secret leaves the vault.
    const outcome = await this.log.run(appDecider, appId, request, (): AppCommand => ({
      type: 'ViewAppCredentials',
      appId,
      now,
    }));
    return { appId, position: outcome.position, credentials: await credentialsIn(outcome, this.vault, request, appId) };
  }
}

@CommandHandler(DisableApp)
export class DisableAppHandler implements ICommandHandler<DisableApp> {
  constructor(private readonly log: DecideAndAppend) {}

  async execute({ request, appId }: DisableApp) {
    const { now } = request;
    const { position } = await this.log.run(appDecider, appId, request, (): AppCommand => ({
      type: 'DisableApp',
      appId,
      now,
    }));
    return { appId, position };
  }
}

@CommandHandler(ActivateApp)
export class ActivateAppHandler implements ICommandHandler<ActivateApp> {
  constructor(private readonly log: DecideAndAppend) {}

  async execute({ request, appId }: ActivateApp) {
    const { now } = request;
    const { position } = await this.log.run(appDecider, appId, request, (): AppCommand => ({
      type: 'ActivateApp',
      appId,
      now,
    }));
    return { appId, position };
  }
}

@CommandHandler(RotateAppSecret)
export class RotateAppSecretHandler implements ICommandHandler<RotateAppSecret> {
  constructor(
    private readonly log: DecideAndAppend,
    private readonly vault: ClientSecrets,
    private readonly pepper: Pepper,
  ) {}

  async execute({ request, appId, overlapMilliseconds }: RotateAppSecret) {
    const { now } = request;
    const rotation = (secret: AppSecret): AppCommand => ({
      type: 'RotateAppSecret',
      appId,
      now,
      secret,
      overlapMilliseconds,
    });
    const outcome = await this.log.run(appDecider, appId, request, async (_reach, app) => {
      // Refuses before the vault keeps a secret that no app would ever use.
      appDecider.decide(rotation(NO_SECRET), app);
      return rotation(await issueSecret(this.vault, this.pepper, request, appId));
    });
    await this.vault.destroy(request.caller.tenantId, appId, retiredIn(outcome));
    return { appId, position: outcome.position, credentials: await credentialsIn(outcome, this.vault, request, appId) };
  }
}

@CommandHandler(ChangeAppPermissions)
export class ChangeAppPermissionsHandler implements ICommandHandler<ChangeAppPermissions> {
  constructor(private readonly log: DecideAndAppend) {}

  async execute({ request, appId, grant, withdraw }: ChangeAppPermissions) {
    const { now } = request;
    const { position } = await this.log.run(appDecider, appId, request, (): AppCommand => ({
      type: 'ChangeAppPermissions',
      appId,
      now,
      grant,
      withdraw,
    }));
    return { appId, position };
  }
}

@CommandHandler(DeleteApp)
export class DeleteAppHandler implements ICommandHandler<DeleteApp> {
  constructor(
    private readonly log: DecideAndAppend,
    private readonly vault: ClientSecrets,
  ) {}

  async execute({ request, appId }: DeleteApp) {
    const { now } = request;
    const { position } = await this.log.run(appDecider, appId, request, (): AppCommand => ({
      type: 'DeleteApp',
      appId,
      now,
    }));
    await this.vault.destroy(request.caller.tenantId, appId, 'all');
    return { appId, position };
  }
}

export const appHandlers = [
  AddAppHandler,
  ViewAppCredentialsHandler,
  DisableAppHandler,
  ActivateAppHandler,
  RotateAppSecretHandler,
  ChangeAppPermissionsHandler,
  DeleteAppHandler,
];

/** Stands for a secret while it is not certain that there will be one. */
const NO_SECRET: AppSecret = { id: '', hint: '', hash: '', pepperId: '' };

async function issueSecret(
  vault: ClientSecrets,
  pepper: Pepper,
  request: CommandRequest,
  appId: string,
): Promise<AppSecret> {
  const id = secretIdOf(request.commandId, appId);
  const secret = await vault.issue({ tenantId: request.caller.tenantId, appId, secretId: id });
  return { id, hint: hintOf(secret), ...pepper.hash(secret) };
}

async function credentialsIn(
  { events }: CommandOutcome<AppEvent>,
  vault: ClientSecrets,
  request: CommandRequest,
  appId: string,
): Promise<AppCredentials | null> {
  const secretId = events.map(secretIdIn).find((id) => id !== null);
  if (!secretId) return null;
  const clientSecret = await vault.reveal({ tenantId: request.caller.tenantId, appId, secretId });
  return clientSecret === null ? null : { clientId: clientIdOf(appId), clientSecret };
}

function secretIdIn(event: AppEvent): string | null {
  if (event.type === 'AppCredentialsViewed') return event.data.secretId;
  return event.type === 'AppAdded' || event.type === 'AppSecretRotated' ? event.data.secret.id : null;
}

/** The secrets that stopped working with this very rotation. */
const retiredIn = ({ events }: CommandOutcome<AppEvent>): string[] =>
  events.flatMap((event) =>
    (event.type === 'AppSecretRotated' ? event.data.expiring : [])
      .filter(({ expiresAt }) => expiresAt <= event.data.at)
      .map(({ id }) => id),
  );
