import { buildSchema, type GraphQLObjectType, type GraphQLSchema, parse, specifiedRules, validate } from 'graphql';
import {
  GREATEST_COST,
  GREATEST_DEPTH,
  limitCost,
  limitShape,
  MOST_ALIASES,
  MUTATION_COST,
  pageCost,
} from '../../src/graphql/limits.js';

const nested = buildSchema('type Query { again: Query, one: Int, two: Int }');

const problemsOf = (document: string) => validate(nested, parse(document), [limitShape]);
const messagesOf = (document: string) => problemsOf(document).map(({ message }) => message);

/** `{ again { again { … one } } }`, `depth` fields deep. */
const deep = (depth: number) => `${'again { '.repeat(depth - 1)}one${' }'.repeat(depth - 1)}`;
const aliases = (count: number) => Array.from({ length: count }, (_, index) => `a${index}: one`).join(' ');

const TOO_DEEP = `Nested more than ${GREATEST_DEPTH} levels deep.`;
const TOO_MANY = `More than ${MOST_ALIASES} aliases.`;

describe('the depth of a document', () => {
  it('may be the greatest, and no more', () => {
    expect(messagesOf(`{ ${deep(GREATEST_DEPTH)} }`)).toEqual([]);
    expect(messagesOf(`{ ${deep(GREATEST_DEPTH + 1)} }`)).toEqual([TOO_DEEP]);
  });

  it('is refused as bad input', () => {
    expect(problemsOf(`{ ${deep(GREATEST_DEPTH + 1)} }`)[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('counts inline fragments through', () => {
    const fine = `{ ... on Query { ${deep(GREATEST_DEPTH)} } }`;
    expect(messagesOf(fine)).toEqual([]);
    expect(messagesOf(fine.replace('one', 'again { one }'))).toEqual([TOO_DEEP]);
  });

  it('counts fragments through, wherever they are written', () => {
    const spread = (depth: number) => `fragment f on Query { ${deep(depth)} } { again { again { ...f } } }`;
    expect(messagesOf(spread(GREATEST_DEPTH - 2))).toEqual([]);
    expect(messagesOf(spread(GREATEST_DEPTH - 1))).toEqual([TOO_DEEP]);
  });

  it('counts the deeper of several', () => {
    expect(messagesOf(`{ one ${deep(GREATEST_DEPTH + 1)} two }`)).toEqual([TOO_DEEP]);
    expect(messagesOf(`{ ...f ...g } fragment f on Query { one } fragment g on Query { ${deep(16)} }`)).toEqual([
      TOO_DEEP,
    ]);
  });

  it('counts each operation of a document', () => {
    expect(messagesOf(`query a { one } query b { ${deep(GREATEST_DEPTH + 1)} }`)).toEqual([TOO_DEEP]);
  });

  it('comes to an end with a fragment that contains itself, which another rule refuses', () => {
    const circular = '{ ...f } fragment f on Query { again { ...g } } fragment g on Query { again { ...f } }';
    expect(messagesOf(circular)).toEqual([]);
    expect(validate(nested, parse(circular), [...specifiedRules, limitShape]).map(({ message }) => message)).toEqual([
      'Cannot spread fragment "f" within itself via "g".',
    ]);
  });

  it('passes over a fragment that is not there, which another rule refuses', () => {
    expect(messagesOf('{ ...nowhere }')).toEqual([]);
  });

  it('is measured in no time however often fragments spread each other (promise: no document stops the service)', () => {
    // Spread out, it has 2^100 fields.
    const fragments = Array.from(
      { length: 100 },
      (_, at) => `fragment f${at} on Query { ...f${at + 1} ...f${at + 1} }`,
    );
    const document = `{ ...f0 } ${fragments.join(' ')} fragment f100 on Query { again { one } }`;
    const begin = performance.now();
    expect(messagesOf(document)).toEqual([]);
    expect(performance.now() - begin).toBeLessThan(2_000);
  });
});

describe('the aliases of a document (promise: guards and look-ups cannot be multiplied at will)', () => {
  it('may be the most, and no more', () => {
    expect(messagesOf(`{ ${aliases(MOST_ALIASES)} }`)).toEqual([]);
    expect(messagesOf(`{ ${aliases(MOST_ALIASES + 1)} }`)).toEqual([TOO_MANY]);
  });

  it('are told of once, however many there are', () => {
    expect(messagesOf(`{ ${aliases(300)} }`)).toEqual([TOO_MANY]);
  });

  it('are counted over all operations and fragments, at any depth', () => {
    const half = aliases(MOST_ALIASES / 2);
    expect(messagesOf(`{ ${half} ...f } fragment f on Query { again { ${half} } }`)).toEqual([]);
    expect(messagesOf(`{ ${half} ...f } fragment f on Query { again { ${half} b: one } }`)).toEqual([TOO_MANY]);
    expect(messagesOf(`query a { ${half} } query b { ${half} b: one }`)).toEqual([TOO_MANY]);
  });

  it('are not the fields without one', () => {
    expect(messagesOf(`{ ${'one '.repeat(MOST_ALIASES + 1)} }`)).toEqual([]);
  });
});

// Costs are extensions of fields, which the schema language cannot say.
const priced = withCosts(
  buildSchema(`
    type Query { page(first: Int! = 50): Page!, cheap: Int }
    type Mutation { change: Int }
    type Page { nodes: [Node!]! }
    type Node { id: ID, name: String }
  `),
  { 'Query.page': pageCost, 'Mutation.change': MUTATION_COST },
);

function withCosts(schema: GraphQLSchema, costs: Record<string, unknown>): GraphQLSchema {
  for (const [path, complexity] of Object.entries(costs)) {
    const [type = '', field = ''] = path.split('.');
    (schema.getType(type) as GraphQLObjectType).getFields()[field]!.extensions = { complexity };
  }
  return schema;
}

/** What the plugin throws at an operation, `null` when it lets it pass. */
async function refusalOf(query: string, variables: object = {}, operationName?: string): Promise<any> {
  const listener = await limitCost.requestDidStart!({} as never);
  try {
    await (listener as any).didResolveOperation({
      schema: priced,
      document: parse(query),
      request: { variables, operationName },
    });
    return null;
  } catch (error) {
    return error;
  }
}

describe('the cost of an operation', () => {
  it('of a page is its rows times what is asked of each', () => {
    expect(pageCost({ args: { first: 20 }, childComplexity: 3 })).toBe(10 + 20 * 3);
    expect(pageCost({ args: {}, childComplexity: 3 })).toBe(10 + 50 * 3);
    expect(pageCost({ args: { first: 200 }, childComplexity: 0 })).toBe(10);
  });

  it('lets an honest page pass', async () => {
    expect(await refusalOf('{ page(first: 200) { nodes { id name } } }')).toBeNull();
  });

  it('adds up all that is asked at once', async () => {
    const page = (name: string) => `${name}: page(first: 200) { nodes { id name } }`;
    const sixteen = Array.from({ length: 16 }, (_, index) => page(`p${index}`)).join(' ');
    expect(await refusalOf(`{ ${sixteen} }`)).toBeNull();
    const refusal = await refusalOf(`{ ${sixteen} ${page('one')} }`);
    expect(refusal.message).toBe(
      `This operation costs ${17 * (10 + 200 * 3)}, more than ${GREATEST_COST}: ask for less at once.`,
    );
    expect(refusal.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('knows what is asked by a variable', async () => {
    const query = 'query ($first: Int!) { page(first: $first) { nodes { id name } } }';
    expect(await refusalOf(query, { first: 200 })).toBeNull();
    expect((await refusalOf(query, { first: 100_000 })).extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('is that of the operation that was chosen', async () => {
    const document = 'query small { cheap } query large { page(first: 100000) { nodes { id } } }';
    expect(await refusalOf(document, {}, 'small')).toBeNull();
    expect(await refusalOf(document, {}, 'large')).not.toBeNull();
  });

  it('of changes is bounded too', async () => {
    const changes = (count: number) => Array.from({ length: count }, (_, index) => `c${index}: change`).join(' ');
    expect(await refusalOf(`mutation { ${changes(GREATEST_COST / MUTATION_COST)} }`)).toBeNull();
    expect(await refusalOf(`mutation { ${changes(GREATEST_COST / MUTATION_COST + 1)} }`)).not.toBeNull();
  });

  it('is not paid by a page of fewer than no rows (promise: a limit cannot be talked down)', async () => {
    expect(pageCost({ args: { first: -1_000_000 }, childComplexity: 3 })).toBeGreaterThan(0);
    const dear = 'dear: page(first: 100000) { nodes { id } }';
    expect(await refusalOf(`{ ${dear} paid: page(first: -1000000) { nodes { id } } }`)).not.toBeNull();
  });

  it('is refused as bad input when it cannot be counted to the end', async () => {
    const fragments = Array.from({ length: 14 }, (_, at) => `fragment f${at} on Query { ...f${at + 1} ...f${at + 1} }`);
    const refusal = await refusalOf(`{ ...f0 } ${fragments.join(' ')} fragment f14 on Query { cheap }`);
    expect(refusal.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it.each([{ variables: { first: 'ten' } }, { variables: {} }, { variables: { first: null } }])(
    'is bad input, not a failure of ours, when a variable does not fit: $variables',
    async ({ variables }) => {
      const refusal = await refusalOf('query ($first: Int!) { page(first: $first) { nodes { id } } }', variables);
      expect(refusal.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
      expect(refusal.message).toContain('$first');
    },
  );
});
