export type ExportFormat = 'jsonl' | 'csv';

/** Which entries somebody asked for; `null` where they did not say. */
export type ExportFilter = {
  actorId: string | null;
  actions: string[] | null;
  targetType: 'APP' | 'TOKEN' | null;
  targetId: string | null;
  from: string | null;
  to: string | null;
  text: string | null;
};

/** Somebody takes along what the trail tells after a position, up to this very event. On the log before the first byte is sent. */
export type ExportEvent = {
  type: 'AuditTrailExported';
  data: { format: ExportFormat; filter: ExportFilter; after: string | null; at: string };
};
