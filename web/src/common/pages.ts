import { keepPreviousData, useInfiniteQuery, type InfiniteData, type QueryClient } from '@tanstack/react-query';

const FIRST_PAGE = 25;
const FURTHER_PAGES = 200;
/** More than this is not fetched again whenever somebody comes back to the window. */
const MOST_PAGES_AT_ONCE = 2;

export type Connection<Row> = {
  nodes: Row[];
  totalCount?: number;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
};

export type PageAsked = { first: number; after: string | null };

type Pages<Row> = InfiniteData<Connection<Row>, string | null>;
type Identified = { id: string };

export type PagedRows<Row> = {
  rows: Row[];
  total: number | null;
  error: Error | null;
  isLoading: boolean;
  /** What is shown belongs to the question of before. */
  isOld: boolean;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  tryAgain: () => void;
};

/** A list that grows page by page, each beginning where the one before has ended. */
export function usePages<Row>(
  key: readonly unknown[],
  ask: (page: PageAsked, signal: AbortSignal) => Promise<Connection<Row>>,
): PagedRows<Row> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      ask({ first: pageParam === null ? FIRST_PAGE : FURTHER_PAGES, after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ pageInfo }) => (pageInfo.hasNextPage ? pageInfo.endCursor : undefined),
    placeholderData: keepPreviousData,
    refetchOnWindowFocus: ({ state }) => (state.data?.pages.length ?? 0) <= MOST_PAGES_AT_ONCE,
  });
  const pages = query.data?.pages ?? [];
  return {
    rows: pages.flatMap(({ nodes }) => nodes),
    total: pages[0]?.totalCount ?? null,
    error: query.error,
    isLoading: query.isPending,
    isOld: query.isPlaceholderData,
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: () => void query.fetchNextPage(),
    tryAgain: () => void query.refetch(),
  };
}

/** Puts what a mutation has answered in the place of the row of before, wherever that is shown. */
export function replaceRow<Row extends Identified>(client: QueryClient, list: string, row: Row): void {
  changeRows<Row>(client, list, (rows) => rows.map((each) => (each.id === row.id ? row : each)));
}

export function removeRow(client: QueryClient, list: string, id: string): void {
  changeRows(client, list, (rows) => rows.filter((each) => each.id !== id), -1);
}

function changeRows<Row extends Identified>(
  client: QueryClient,
  list: string,
  change: (rows: Row[]) => Row[],
  difference = 0,
): void {
  client.setQueriesData<Pages<Row>>({ queryKey: [list] }, (data) => {
    if (!data) return data;
    const pages = data.pages.map((page) => ({
      ...page,
      nodes: change(page.nodes),
      ...(page.totalCount !== undefined && { totalCount: page.totalCount + difference }),
    }));
    return { ...data, pages };
  });
  void client.invalidateQueries({ queryKey: [list], refetchType: 'none' });
}

/** Shows the first page anew, and no other: the rest would be fetched page by page. */
export async function showFromTop(client: QueryClient, list: string): Promise<void> {
  client.setQueriesData<Pages<Identified>>(
    { queryKey: [list] },
    (data) => data && { pages: data.pages.slice(0, 1), pageParams: data.pageParams.slice(0, 1) },
  );
  await client.invalidateQueries({ queryKey: [list] });
}
