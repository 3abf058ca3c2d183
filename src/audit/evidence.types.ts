import { ArgsType, Field, ID, Int, ObjectType } from '@nestjs/graphql';
import { IsUUID } from 'class-validator';

@ObjectType({ description: 'The signed head of the tree over the audit trail. How to verify it: docs/audit.md.' })
export class AuditCheckpoint {
  @Field(() => Int, { description: 'How many entries the tree has.' }) size!: number;
  @Field({ description: 'Base64.' }) rootHash!: string;
  @Field({ description: 'The checkpoint as a signed note: https://c2sp.org/tlog-checkpoint' }) note!: string;
  @Field({ description: 'The verifier key of the note: name+hash+key, https://c2sp.org/signed-note' })
  publicKey!: string;
}

@ObjectType({ description: 'That an entry is in the tree: RFC 9162, section 2.1.3.' })
export class AuditInclusionProof {
  @Field(() => Int, { description: 'The place of the entry in the tree, from 0.' }) index!: number;
  @Field(() => Int, { description: 'How many entries the tree has.' }) size!: number;
  @Field(() => [String], { description: "Base64, the leaf's neighbour first." }) hashes!: string[];
}

@ObjectType({ description: 'That a tree is the beginning of a later one: RFC 9162, section 2.1.4.' })
export class AuditConsistencyProof {
  @Field(() => [String], { description: 'Base64.' }) hashes!: string[];
}

@ArgsType()
export class InclusionProofArgs {
  @Field(() => ID)
  @IsUUID('all', { message: 'entryId must be a UUID' })
  entryId!: string;
}

@ArgsType()
export class ConsistencyProofArgs {
  @Field(() => Int) from!: number;
  @Field(() => Int) to!: number;
}
