import { Inject, Injectable } from '@nestjs/common';
import { AppQueries } from '../../projections/apps.js';
import { Settings } from '../config.js';
import { Clock } from '../clock.js';
import { EVENT_STORE, type EventStore } from '../event-store/event-store.js';
import { toEvent } from '../events.js';
import { ClientSecrets, type SecretName } from '../secrets/client-secrets.js';
import { appDecider, type AppEvent } from './app.decider.js';

/** Destroys viewable secrets that no app needs any more: of deleted apps, of secrets that have retired, of commands that never came to the log. */
@Injectable()
export class SweepVaultJob {
  constructor(
    private readonly vault: ClientSecrets,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    private readonly apps: AppQueries,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {}

  async run(): Promise<void> {
    // A log on which nothing has happened yet may be the wrong one.
    if ((await this.store.head()) !== null) await this.vault.sweep((name) => this.#isInUse(name));
  }

  async #isInUse({ appId, secretId }: SecretName): Promise<boolean> {
    const history = await this.store.read(`${this.settings.streamPrefix}.${appDecider.category}-${appId}`);
    // So may one that knows nothing of an app that is shown.
    if (history.length === 0) return this.apps.isKnown(appId);
    const state = history.map((event) => toEvent(event) as AppEvent).reduce(appDecider.evolve, appDecider.initial);
    if (state.status === 'unknown' || state.status === 'deleted') return false;
    const now = this.clock.now().toISOString();
    return state.secrets.some(({ id, expiresAt }) => id === secretId && (expiresAt === null || expiresAt > now));
  }
}
