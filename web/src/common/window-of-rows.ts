import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useLayoutEffect, useState, type RefObject } from 'react';

/** Shorter lists are in the document as a whole: find-in-page and screen readers have all of them. */
const LONG = 300;
const USUAL_HEIGHT = 47;
const OVERSCAN = 12;

type Window = {
  from: number;
  to: number;
  /** Heights of what is left out, in pixels. */
  above: number;
  below: number;
  measure: ((element: Element | null) => void) | null;
};

/** Which of the rows are to be in the document. */
export function useWindowOfRows(
  rows: readonly { id: string }[],
  body: RefObject<HTMLTableSectionElement | null>,
): Window {
  const isLong = rows.length > LONG;
  const scrollMargin = useTopOf(body, isLong);
  // Another function makes the virtualizer lay out all rows anew, at each step of a scroll.
  const keyOf = useCallback((index: number) => rows[index]?.id ?? index, [rows]);
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => USUAL_HEIGHT,
    overscan: OVERSCAN,
    scrollMargin,
    enabled: isLong,
    getItemKey: keyOf,
  });
  if (!isLong) return { from: 0, to: rows.length, above: 0, below: 0, measure: null };

  const items = virtualizer.getVirtualItems();
  const [first] = items;
  const last = items.at(-1);
  if (!first || !last) return { from: 0, to: OVERSCAN, above: 0, below: 0, measure: null };
  return {
    from: first.index,
    to: last.index + 1,
    above: first.start - scrollMargin,
    below: virtualizer.getTotalSize() - (last.end - scrollMargin),
    measure: virtualizer.measureElement,
  };
}

/** How far below the top of the document something begins, also when what is above it grows. */
function useTopOf(element: RefObject<HTMLElement | null>, isWatched: boolean): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    if (!isWatched) return undefined;
    const look = () => setTop((element.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    const observer = new ResizeObserver(look);
    observer.observe(document.body);
    look();
    return () => observer.disconnect();
  }, [element, isWatched]);
  return top;
}
