import type { AuditRow } from '../../../projections/audit-trail.js';
import { stringify } from 'csv-stringify/sync';
import type { ExportFormat } from '../audit-trail-exported.js';
import { exportedEntry } from '../evidence/exported-entry.js';
import { sentenceOf } from '../sentence.js';

type Format = {
  contentType: (isContinued: boolean) => string;
  /** What stands before the first entry. What is continued has it already. */
  heading: string;
  linesOf(entries: readonly AuditRow[]): string;
};

const CSV_COLUMNS = [
  'position',
  'id',
  'at',
  'action',
  'actorKind',
  'actorId',
  'actorName',
  'targetType',
  'targetId',
  'targetName',
  'reason',
  'ip',
  'userAgent',
  'correlationId',
  'sentence',
  'details',
];

/** For people: with the sentence, without what proves the entry. */
const csvRecord = (row: AuditRow) => ({
  ...row,
  at: row.at.toISOString(),
  sentence: sentenceOf(row),
  details: JSON.stringify(row.details),
});

/** RFC 4180. A cell that a spreadsheet would take for a formula begins with an apostrophe. */
const csv = (records: readonly object[], header = false) =>
  stringify([...records], {
    columns: CSV_COLUMNS,
    header,
    record_delimiter: 'windows',
    escape_formulas: true,
    quoted_match: /[\r\n]/,
  });

export const exportFormats: Readonly<Record<ExportFormat, Format>> = {
  jsonl: {
    contentType: () => 'application/jsonl; charset=utf-8',
    heading: '',
    linesOf: (entries) => entries.map((entry) => `${JSON.stringify(exportedEntry(entry))}\n`).join(''),
  },
  csv: {
    contentType: (isContinued) => `text/csv; charset=utf-8; header=${isContinued ? 'absent' : 'present'}`,
    heading: csv([], true),
    linesOf: (entries) => csv(entries.map(csvRecord)),
  },
};
