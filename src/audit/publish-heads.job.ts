import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { alone, LOCKS } from '../../projections/advisory-locks.js';
import { EvidenceQueries } from '../../projections/evidence.js';
import { Settings } from '../config.js';
import { Metrics } from '../metrics.js';
import { AuditHeads, type KeptHead } from './audit-heads.js';
import { HeadSigner } from './head-signer.js';
import { sendHead } from './send-head.js';

const WAIT_MILLISECONDS = 200;
const NEVER = new AbortController().signal;

type Run = {
  /** What was sent before is sent again: it may be to another place. */
  isAsked: boolean;
  signal: AbortSignal;
};

export type Publication = 'published' | 'unchanged' | 'being built' | 'contradicted' | 'failed';

/** Signs the heads of the trees that have grown, and sends them outside. Of a past that has changed nothing is signed any more. */
@Injectable()
export class PublishHeadsJob {
  readonly #logger = new Logger(PublishHeadsJob.name);
  #outcomes = new Map<string, Publication>();

  constructor(
    private readonly database: DataSource,
    private readonly evidence: EvidenceQueries,
    private readonly heads: AuditHeads,
    private readonly signer: HeadSigner,
    private readonly settings: Settings,
    private readonly metrics: Metrics,
  ) {}

  /** What the last run has met: a trail that contradicts what was published is worse than a head that could not be published. */
  get trouble(): 'contradicted' | 'failing' | null {
    const outcomes = [...this.#outcomes.values()];
    if (outcomes.includes('contradicted')) return 'contradicted';
    return outcomes.includes('failed') ? 'failing' : null;
  }

  /** Answers what came of each tenant's head, in the last run that nothing stopped. */
  async run({ isAsked = false, signal = NEVER }: Partial<Run> = {}): Promise<ReadonlyMap<string, Publication>> {
    // One process at a time looks what was signed last and signs what comes next; what is sent outside may take another a while.
    const work = () => this.#publishAll({ isAsked, signal });
    while (!signal.aborted && !(await alone(this.database, LOCKS.publishHeads, work)))
      await sleep(WAIT_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    const contradicted = [...this.#outcomes.values()].filter((outcome) => outcome === 'contradicted');
    this.metrics.auditTrailsContradicted.set(contradicted.length);
    return this.#outcomes;
  }

  async #publishAll(run: Run): Promise<void> {
    const outcomes = new Map<string, Publication>();
    const tenants = new Set([...(await this.evidence.tenants()), ...(await this.heads.tenants())]);
    for (const tenantId of tenants) {
      outcomes.set(tenantId, await this.#publish(tenantId, run));
      if (run.signal.aborted) return;
    }
    this.#outcomes = outcomes;
  }

  async #publish(tenantId: string, run: Run): Promise<Publication> {
    try {
      return await this.#publishHead(tenantId, run);
    } catch (error) {
      if (run.signal.aborted) return 'failed';
      this.metrics.auditHeadFailures.inc();
      this.#logger.error(`The head of the audit trail of ${tenantId} could not be published: ${String(error)}`);
      return 'failed';
    }
  }

  async #publishHead(tenantId: string, run: Run): Promise<Publication> {
    const size = await this.evidence.size(tenantId);
    if (size === null) return 'being built';
    const last = await this.heads.findLast(tenantId);
    if (last && !(await this.#continues(tenantId, last, size))) return 'contradicted';
    if (last?.size === size) return this.#sendAgain(tenantId, last, run);

    const head = this.signer.sign(tenantId, { size, rootHash: await this.evidence.rootAt(tenantId, size) });
    await this.heads.keep(tenantId, head);
    await this.#send(tenantId, { ...head, isSent: false }, run);
    return 'published';
  }

  async #continues(tenantId: string, last: KeptHead, size: number): Promise<boolean> {
    if (await this.evidence.continues(tenantId, last, size)) return true;
    this.#logger.error(
      `The audit trail of ${tenantId} is not what a head was published of when it had ${last.size} entries: its past has changed. No new head is published.`,
    );
    return false;
  }

  async #sendAgain(tenantId: string, last: KeptHead, run: Run): Promise<Publication> {
    if ((last.isSent && !run.isAsked) || this.settings.publishAuditHeadsTo === null) return 'unchanged';
    await this.#send(tenantId, last, run);
    return 'published';
  }

  async #send(tenantId: string, head: KeptHead, { signal }: Run): Promise<void> {
    const to = this.settings.publishAuditHeadsTo;
    if (to === null) return;
    await sendHead(to, tenantId, head, this.signer.verifierKeysOf(tenantId), signal);
    await this.heads.markSent(tenantId, head);
  }
}
