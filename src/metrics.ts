import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

@Injectable()
export class Metrics {
  readonly registry = new Registry();

  readonly requests = new Histogram({
    name: 'latchkey_http_request_seconds',
    help: 'HTTP requests by route and status.',
    labelNames: ['route', 'status'],
    buckets: SECONDS,
    registers: [this.registry],
  });

  readonly commands = new Counter({
    name: 'latchkey_commands_total',
    help: 'Commands by operation and outcome: OK or an error code.',
    labelNames: ['operation', 'outcome'],
    registers: [this.registry],
  });

  readonly clientAuthentications = new Counter({
    name: 'latchkey_client_authentications_total',
    help: 'How apps that authenticated at the OAuth endpoints fared: ok, refused, or limited after many failures.',
    labelNames: ['outcome'],
    registers: [this.registry],
  });

  readonly accessTokens = new Counter({
    name: 'latchkey_access_tokens_total',
    help: 'Access tokens issued.',
    registers: [this.registry],
  });

  readonly introspections = new Counter({
    name: 'latchkey_introspections_total',
    help: 'Introspections answered: active or inactive.',
    labelNames: ['outcome'],
    registers: [this.registry],
  });

  readonly projectionLag = new Histogram({
    name: 'latchkey_projection_lag_seconds',
    help: 'Time from the recording of an event to the commit of its rows.',
    buckets: SECONDS,
    registers: [this.registry],
  });

  readonly projectionFailures = new Counter({
    name: 'latchkey_projection_failures_total',
    help: 'How often the projector had to start again.',
    registers: [this.registry],
  });

  readonly parkedStreams = new Gauge({
    name: 'latchkey_parked_streams',
    help: 'Streams that wait behind an event which a read model cannot apply.',
    labelNames: ['projection'],
    registers: [this.registry],
  });

  readonly projectorRunning = new Gauge({
    name: 'latchkey_projector_running',
    help: 'Whether this process is the one that projects.',
    registers: [this.registry],
  });

  readonly auditTrailsContradicted = new Gauge({
    name: 'latchkey_audit_trails_contradicted',
    help: 'Tenants whose audit trail is not the continuation of what was published of it.',
    registers: [this.registry],
  });

  readonly auditHeadFailures = new Counter({
    name: 'latchkey_audit_head_failures_total',
    help: 'How often the head of an audit trail could not be published.',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }
}
