/** Of one tenant and day: what is about access, and not about one app or token. */
export const accessStreamOf = (streamPrefix: string, tenantId: string, at: Date): string =>
  `${streamPrefix}.access-${tenantId}-${at.toISOString().slice(0, 10)}`;
