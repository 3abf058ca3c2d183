import { Args, Query, Resolver } from '@nestjs/graphql';
import { EvidenceQueries } from '../../projections/evidence.js';
import { authorise } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';
import { DomainError } from '../domain-error.js';
import { CurrentCaller } from '../graphql/request-context.js';
import { AuditHeads } from './audit-heads.js';
import {
  AuditCheckpoint,
  AuditConsistencyProof,
  AuditInclusionProof,
  ConsistencyProofArgs,
  InclusionProofArgs,
} from './evidence.types.js';
import { HeadSigner, type SignedHead } from './head-signer.js';

const complexity = 20;

/** What proves that nothing was taken out of the audit trail, added or changed. */
@Resolver()
export class EvidenceResolver {
  constructor(
    private readonly evidence: EvidenceQueries,
    private readonly heads: AuditHeads,
    private readonly signer: HeadSigner,
  ) {}

  @Query(() => AuditCheckpoint, { complexity })
  async auditCheckpoint(@CurrentCaller() caller: Caller): Promise<SignedHead> {
    authorise(caller, 'auditCheckpoint');
    const { tenantId } = caller;
    const [size, last] = await Promise.all([this.#sizeOf(tenantId), this.heads.findLast(tenantId)]);
    const [rootHash, continues] = await Promise.all([
      this.evidence.rootAt(tenantId, size),
      last === null || this.evidence.continues(tenantId, last, size),
    ]);
    if (!continues)
      throw new DomainError('UNAVAILABLE', 'The past is not what a head was published of: no head of it is signed.');
    return this.signer.sign(tenantId, { size, rootHash });
  }

  @Query(() => AuditInclusionProof, { complexity })
  async auditInclusionProof(
    @Args() { entryId }: InclusionProofArgs,
    @CurrentCaller() caller: Caller,
  ): Promise<AuditInclusionProof> {
    authorise(caller, 'auditInclusionProof');
    const { tenantId } = caller;
    const [head, index] = await Promise.all([this.#sizeOf(tenantId), this.evidence.indexOf(tenantId, entryId)]);
    if (index === null) throw new DomainError('NOT_FOUND', 'There is no such entry.');
    // It may have come in between.
    const size = Math.max(head, index + 1);
    return { index, size, hashes: base64(await this.evidence.inclusion(tenantId, index, size)) };
  }

  @Query(() => AuditConsistencyProof, { complexity })
  async auditConsistencyProof(
    @Args() { from, to }: ConsistencyProofArgs,
    @CurrentCaller() caller: Caller,
  ): Promise<AuditConsistencyProof> {
    authorise(caller, 'auditConsistencyProof');
    const size = await this.#sizeOf(caller.tenantId);
    if (from < 1 || from > to || to > size)
      throw new DomainError('BAD_USER_INPUT', `from must be at least 1, to at least from and at most ${size}.`);
    return { hashes: base64(await this.evidence.consistency(caller.tenantId, from, to)) };
  }

  async #sizeOf(tenantId: string): Promise<number> {
    const size = await this.evidence.size(tenantId);
    if (size === null) throw new DomainError('UNAVAILABLE', 'The evidence is being built. Try again later.');
    return size;
  }
}

const base64 = (hashes: Buffer[]) => hashes.map((each) => each.toString('base64'));
