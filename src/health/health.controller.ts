import { Controller, Get, Header, HttpCode, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DataSource } from 'typeorm';
import { EVENT_STORE, type EventStore } from '../event-store/event-store.js';
import { Metrics } from '../metrics.js';
import { ProjectorService } from '../read-side/projector.service.js';

type Check = 'ok' | 'unreachable' | 'failing';

const PATIENCE_MILLISECONDS = 2_000;

/** For orchestrators: `live` says restart me when it fails, `ready` says send me traffic. */
@Controller()
export class HealthController {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    private readonly database: DataSource,
    private readonly projector: ProjectorService,
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
    await reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'unavailable', checks });
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  metricsText(): Promise<string> {
    this.metrics.projectorRunning.set(this.projector.isRunning ? 1 : 0);
    return this.metrics.registry.metrics();
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
