import type { Type } from '@nestjs/common';
import { ArgsType, Field, Int, ObjectType } from '@nestjs/graphql';
import { IsOptional, Max, MaxLength, Min } from 'class-validator';
import { isUuid } from './ids.js';
import type { Direction, Page, PageKey } from '../../projections/keyset.js';
import { DomainError } from '../domain-error.js';

@ObjectType()
export class PageInfo {
  @Field() hasNextPage!: boolean;
  @Field() hasPreviousPage!: boolean;
  @Field(() => String, { nullable: true }) startCursor!: string | null;
  @Field(() => String, { nullable: true }) endCursor!: string | null;
}

@ArgsType()
export class PageArgs {
  @Field(() => Int, { defaultValue: 50, description: '1 to 200.' })
  @Min(1, { message: 'first must be at least 1' })
  @Max(200, { message: 'first must be at most 200' })
  first!: number;

  @Field(() => String, { nullable: true, description: 'The cursor of the entry that the page begins after.' })
  @IsOptional()
  @MaxLength(2_000)
  after?: string | null;
}

/** The Relay connection of a type. `totalCount` is counted only when it is asked for. */
export function connectionOf<Node extends object>(node: Type<Node>) {
  @ObjectType(`${node.name}Edge`)
  class Edge {
    @Field() cursor!: string;
    @Field(() => node) node!: Node;
  }

  @ObjectType({ isAbstract: true })
  abstract class Connection {
    @Field(() => [Edge]) edges!: Edge[];
    @Field(() => [node]) nodes!: Node[];
    @Field(() => PageInfo) pageInfo!: PageInfo;
    @Field(() => Int) totalCount!: Promise<number>;
  }
  return Connection;
}

/** Which list in which order a cursor belongs to: it is of no use in any other. */
export type CursorScope = { list: string; field: string; direction: Direction; kind: 'time' | 'text' | 'number' };

export function connect<Row, Node>(
  page: Page<Row>,
  after: string | null | undefined,
  scope: CursorScope,
  nodeOf: (row: Row) => Node,
  keyOf: (row: Row) => PageKey,
  count: () => Promise<number>,
) {
  let counted: Promise<number> | undefined;
  const edges = page.rows.map((row) => ({ cursor: cursorOf(keyOf(row), scope), node: nodeOf(row) }));
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: Boolean(after),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: page.end ? cursorOf(page.end, scope) : (edges.at(-1)?.cursor ?? null),
    },
    // A getter, so that nothing is counted for whoever does not ask, and once for whoever asks under many names.
    get totalCount() {
      return (counted ??= count());
    },
  };
}

export function cursorOf({ value, id }: PageKey, { list, field, direction }: CursorScope): string {
  return Buffer.from(JSON.stringify([list, field, direction, value, id])).toString('base64url');
}

export function keyOfCursor(cursor: string | null | undefined, scope: CursorScope): PageKey | null {
  if (cursor === null || cursor === undefined) return null;
  const [list, field, direction, value, id] = cursorParts(cursor);
  const isOfThisList = list === scope.list && field === scope.field && direction === scope.direction;
  if (!isOfThisList || typeof value !== 'string' || !isUuid(id) || !isOfKind(value, scope.kind))
    throw new DomainError('BAD_USER_INPUT', 'after is not a cursor of this list in this order.');
  return { value, id };
}

function isOfKind(value: string, kind: CursorScope['kind']): boolean {
  // What PostgreSQL could not read as a bigint or as a moment must not get there.
  if (kind === 'number') return /^\d{1,19}$/.test(value) && BigInt(value) < 2n ** 63n;
  if (kind === 'time') return /^(?!0000)\d{4}-/.test(value) && isMoment(value);
  return !value.includes('\0');
}

function isMoment(value: string): boolean {
  const time = Date.parse(value);
  return !Number.isNaN(time) && new Date(time).toISOString() === value;
}

function cursorParts(cursor: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
