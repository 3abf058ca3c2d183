import { Paper } from '@mantine/core';
import { createContext, use, useCallback, useEffect, useState, type ReactNode } from 'react';
import classes from './announcements.module.css';

const SHOWN_FOR = 7_000;

const AnnounceContext = createContext<(text: string) => void>(() => undefined);

/** Tells what has been done, to eyes and to screen readers alike. */
export const useAnnounce = () => use(AnnounceContext);

type Said = { text: string; id: number };

export function Announcements({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState<Said | null>(null);
  const announce = useCallback((text: string) => setSaid((before) => ({ text, id: (before?.id ?? 0) + 1 })), []);
  useEffect(() => {
    if (!said) return undefined;
    const timer = setTimeout(() => setSaid(null), SHOWN_FOR);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <AnnounceContext value={announce}>
      {children}
      <div role="status" className={classes.place}>
        {said && (
          <Paper key={said.id} shadow="md" withBorder px="md" py="sm" className={classes.told}>
            {said.text}
          </Paper>
        )}
      </div>
    </AnnounceContext>
  );
}
