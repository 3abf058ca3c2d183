import type { ApolloServerPlugin } from '@apollo/server';
import {
  getOperationAST,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type ASTNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
  type ValidationRule,
} from 'graphql';
import { fieldExtensionsEstimator, getComplexity, simpleEstimator } from 'graphql-query-complexity';

export const MOST_TOKENS = 2_000;
export const GREATEST_DEPTH = 15;
export const MOST_ALIASES = 30;
export const GREATEST_COST = 10_000;

const refusal = (message: string, nodes?: ASTNode) =>
  // Apollo answers 500 to what a plugin throws, unless it is told otherwise.
  new GraphQLError(message, {
    ...(nodes && { nodes }),
    extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
  });

/** Refuses documents that are nested too deeply or ask under too many aliases: guards run once per alias. */
export const limitShape: ValidationRule = (context) => {
  let aliases = 0;
  const fragmentDepths = new Map<string, number>();
  return {
    Field(node) {
      if (!node.alias) return;
      aliases += 1;
      if (aliases === MOST_ALIASES + 1) context.reportError(refusal(`More than ${MOST_ALIASES} aliases.`, node));
    },
    OperationDefinition(node) {
      if (node.operation === OperationTypeNode.SUBSCRIPTION)
        context.reportError(refusal('There are no subscriptions.', node));
      const fragmentOf = (name: string) => context.getFragment(name) ?? null;
      if (depthOf(node.selectionSet, fragmentOf, fragmentDepths) > GREATEST_DEPTH)
        context.reportError(refusal(`Nested more than ${GREATEST_DEPTH} levels deep.`, node));
    },
  };
};

/** Measures each fragment once: fragments that spread each other twice would otherwise double the work at each step. */
function depthOf(
  selections: SelectionSetNode,
  fragmentOf: (name: string) => FragmentDefinitionNode | null,
  fragmentDepths: Map<string, number>,
): number {
  const depths = selections.selections.map((selection) => {
    if (selection.kind === Kind.FIELD)
      return 1 + (selection.selectionSet ? depthOf(selection.selectionSet, fragmentOf, fragmentDepths) : 0);
    if (selection.kind === Kind.INLINE_FRAGMENT) return depthOf(selection.selectionSet, fragmentOf, fragmentDepths);
    const name = selection.name.value;
    const fragment = fragmentDepths.has(name) ? null : fragmentOf(name);
    if (fragment) {
      // For a fragment that contains itself: another rule refuses it, this one must only come to an end.
      fragmentDepths.set(name, 0);
      fragmentDepths.set(name, depthOf(fragment.selectionSet, fragmentOf, fragmentDepths));
    }
    return fragmentDepths.get(name) ?? 0;
  });
  return Math.max(0, ...depths);
}

/** Refuses an operation that would cost too much as a whole: a page counts as often as it has rows, a command as what it does. */
export const limitCost: ApolloServerPlugin = {
  requestDidStart: () =>
    Promise.resolve({
      didResolveOperation: ({ schema, document, request }) => {
        // Of one that is not there, whoever would execute it tells.
        if (!getOperationAST(document, request.operationName)) return Promise.resolve();
        const cost = costOf({
          schema,
          query: document,
          ...(request.operationName && { operationName: request.operationName }),
          variables: request.variables ?? {},
          estimators: [fieldExtensionsEstimator(), simpleEstimator({ defaultComplexity: 1 })],
        });
        if (cost > GREATEST_COST)
          throw refusal(`This operation costs ${cost}, more than ${GREATEST_COST}: ask for less at once.`);
        return Promise.resolve();
      },
    }),
};

/** Whoever counts the cost also finds variables that do not fit, and gives up on endless documents. */
function costOf(options: Parameters<typeof getComplexity>[0]): number {
  try {
    return getComplexity(options);
  } catch (error) {
    throw error instanceof GraphQLError ? refusal(withoutHint(error.message), error.nodes?.[0]) : error;
  }
}

/** In production the schema is not told; Apollo removes such hints only from the errors that it finds itself. */
const withoutHint = (message: string) => message.replace(/ Did you mean .*\?/s, '');

/** What a page costs: its rows times what is asked of each. A negative page is refused later; it must not pay for others. */
export const pageCost = ({ args, childComplexity }: { args: { first?: number }; childComplexity: number }) =>
  10 + Math.max(1, args.first ?? 50) * childComplexity;

/** What a mutation costs: it reads, appends and waits. */
export const MUTATION_COST = 100;
