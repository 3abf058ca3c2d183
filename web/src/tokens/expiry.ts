const MILLISECONDS_OF_A_DAY = 86_400_000;
const DAYS = { P7D: 7, P30D: 30, P90D: 90 } as const;

/** As a token's life may be chosen; `''` leaves it to the service, and `date` goes with a day. */
export type Expiry = '' | keyof typeof DAYS | 'date';

/** When a token is to expire: a moment, `null` for the usual one, `undefined` when the day is none that can be had. */
export function expiresAtOf(expiry: Expiry, day: string, now: Date): string | null | undefined {
  if (expiry === '') return null;
  if (expiry !== 'date') return new Date(now.getTime() + DAYS[expiry] * MILLISECONDS_OF_A_DAY).toISOString();
  const end = new Date(`${day}T23:59:59`);
  const isGood = end > now && end <= new Date(`${latestDay(now)}T23:59:59`);
  return isGood ? end.toISOString() : undefined;
}

/** The day before the last one that the service would take: its twelve months end at an hour of the day. */
export function latestDay(now: Date): string {
  const latest = new Date(now.getFullYear() + 1, now.getMonth(), now.getDate() - 1);
  return dayOf(latest);
}

export const dayOf = (date: Date): string =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
