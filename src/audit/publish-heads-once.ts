import 'reflect-metadata';
import { EvidenceQueries } from '../../projections/evidence.js';
import { Clock } from '../clock.js';
import { readEnvironment } from '../config.js';
import { offlineSettings } from '../embedded/offline-settings.js';
import { withDatabase } from '../embedded/with-database.js';
import { Metrics } from '../metrics.js';
import { Keys } from '../secrets/keys.js';
import { AuditHeads } from './audit-heads.js';
import { HeadSigner } from './head-signer.js';
import { PublishHeadsJob, type Publication } from './publish-heads.job.js';

/** What the job does, at once and once, for whoever asks on the command line. */
export async function publishHeadsOnce(env: NodeJS.ProcessEnv): Promise<ReadonlyMap<string, Publication>> {
  const environment = readEnvironment(env);
  const settings = await offlineSettings(environment);
  const signer = new HeadSigner(settings, new Keys(settings, new Clock()));
  return withDatabase(environment, (database) =>
    new PublishHeadsJob(
      database,
      new EvidenceQueries(database),
      new AuditHeads(database),
      signer,
      settings,
      new Metrics(),
    ).run({ isAsked: true }),
  );
}
