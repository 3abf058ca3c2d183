import { strings } from '../strings.js';

const readable = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const dayOnly = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** 2026-11-28 05:30:12 */
const utcOf = (at: string) => new Date(at).toISOString().slice(0, 19).replace('T', ' ');

export const readableMoment = (at: string): string => readable.format(new Date(at));

/** A moment in the reader's zone; in UTC where the pointer rests. */
export const Moment = ({ at, isDay = false }: { at: string; isDay?: boolean }) => (
  <time dateTime={at} title={strings.common.time(utcOf(at))}>
    {isDay ? dayOnly.format(new Date(at)) : readableMoment(at)}
  </time>
);

export const MaybeMoment = ({ at, otherwise }: { at: string | null | undefined; otherwise: string }) =>
  at ? <Moment at={at} /> : <>{otherwise}</>;
