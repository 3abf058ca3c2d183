import type { ApolloServerPlugin } from '@apollo/server';
import {
  GraphQLError,
  Kind,
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

const tooMuch = (message: string, nodes?: ASTNode) =>
  new GraphQLError(message, { ...(nodes && { nodes }), extensions: { code: 'BAD_USER_INPUT' } });

/** Refuses documents that are nested too deeply or ask under too many aliases: guards run once per alias. */
export const limitShape: ValidationRule = (context) => {
  let aliases = 0;
  return {
    Field(node) {
      if (!node.alias) return;
      aliases += 1;
      if (aliases === MOST_ALIASES + 1) context.reportError(tooMuch(`More than ${MOST_ALIASES} aliases.`, node));
    },
    OperationDefinition(node) {
      const fragmentOf = (name: string) => context.getFragment(name) ?? null;
      if (depthOf(node.selectionSet, fragmentOf, new Set()) > GREATEST_DEPTH)
        context.reportError(tooMuch(`Nested more than ${GREATEST_DEPTH} levels deep.`, node));
    },
  };
};

function depthOf(
  selections: SelectionSetNode,
  fragmentOf: (name: string) => FragmentDefinitionNode | null,
  open: ReadonlySet<string>,
): number {
  const depths = selections.selections.map((selection) => {
    if (selection.kind === Kind.FIELD)
      return 1 + (selection.selectionSet ? depthOf(selection.selectionSet, fragmentOf, open) : 0);
    if (selection.kind === Kind.INLINE_FRAGMENT) return depthOf(selection.selectionSet, fragmentOf, open);
    const name = selection.name.value;
    const fragment = open.has(name) ? null : fragmentOf(name);
    return fragment ? depthOf(fragment.selectionSet, fragmentOf, new Set([...open, name])) : 0;
  });
  return Math.max(0, ...depths);
}

/** Refuses an operation that would cost too much as a whole: a page counts as often as it has rows, a command as what it does. */
export const limitCost: ApolloServerPlugin = {
  requestDidStart: () =>
    Promise.resolve({
      didResolveOperation: ({ schema, document, request }) => {
        const cost = getComplexity({
          schema,
          query: document,
          ...(request.operationName && { operationName: request.operationName }),
          variables: request.variables ?? {},
          estimators: [fieldExtensionsEstimator(), simpleEstimator({ defaultComplexity: 1 })],
        });
        if (cost > GREATEST_COST)
          throw tooMuch(`This operation costs ${cost}, more than ${GREATEST_COST}: ask for less at once.`);
        return Promise.resolve();
      },
    }),
};

/** What a page costs: its rows times what is asked of each. */
export const pageCost = ({ args, childComplexity }: { args: { first?: number }; childComplexity: number }) =>
  10 + (args.first ?? 50) * childComplexity;

/** What a mutation costs: it reads, appends and waits. */
export const MUTATION_COST = 100;
