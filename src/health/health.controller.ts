import { Controller, Get, Header, HttpCode, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { PublishHeadsJob } from '../audit/publish-heads.job.js';
import { EVENT_STORE, type EventStore } from '../event-store/event-store.js';
import { Metrics } from '../metrics.js';
import { ProjectorService } from '../read-side/projector.service.js';

type Check = 'ok' | 'unreachable' | 'failing' | 'contradicted';

const PATIENCE_MILLISECONDS = 2_000;

/** For orchestrators: `live` says restart me when it fails, `ready` says send me traffic. */
@Controller()
export class HealthController {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    private readonly database: DataSource,
    private readonly projector: ProjectorService,
    private readonly publishHeads: PublishHeadsJob,
    private readonly metrics: Metrics,
  ) {}

  @Get('health/live')
  @HttpCode(200)
  live() {
    return { status: 'ok' };
  }

  @Get('health/ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const checks: Record<string, Check> = {
      log: await check(() => this.store.ping()),
      database: await check(() => this.database.query('select 1 from read.checkpoints limit 1')),
      projector: this.projector.trouble === null ? 'ok' : 'failing',
    };
    const isReady = Object.values(checks).every((result) => result === 'ok');
    // Told, but no reason to send nobody here: credentials are as good as before.
    checks['evidence'] = this.publishHeads.trouble ?? 'ok';
    const parked = checks['database'] === 'ok' ? await this.#parked().catch(() => undefined) : undefined;
    await reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'unavailable', checks, parked });
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async metricsText(): Promise<string> {
    this.metrics.projectorRunning.set(this.projector.isRunning ? 1 : 0);
    const parked = await this.#parked().catch(() => null);
    this.metrics.parkedStreams.reset();
    for (const [projection, count] of Object.entries(parked ?? {}))
      this.metrics.parkedStreams.set({ projection }, count);
    return this.metrics.registry.metrics();
  }

  /** How many streams wait in each projection. Only what belongs to them is out of date, so it does not make us unready. */
  async #parked(): Promise<Record<string, number>> {
    const counted = await this.database.query<{ name: string; count: number }[]>(
      `select name, count(stream)::int as count from read.checkpoints left join read.parked_streams on projection = name
       group by name order by name`,
    );
    return Object.fromEntries(counted.map(({ name, count }) => [name, count]));
  }
}

/** Details stay in the log: whoever may ask for health need not know our addresses. */
async function check(probe: () => Promise<unknown>): Promise<Check> {
  const timeout = new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error('timeout')), PATIENCE_MILLISECONDS).unref();
  });
  return Promise.race([probe(), timeout]).then(
    () => 'ok',
    () => 'unreachable',
  );
}
