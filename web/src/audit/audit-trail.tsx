import { Button, Group, Stack } from '@mantine/core';
import { useMemo, useState } from 'react';
import { BusyButton } from '../common/busy-button.js';
import { Nothing } from '../common/nothing.js';
import { PagedTable } from '../common/paged-table.js';
import { Problem } from '../common/problem.js';
import { optionsId } from '../common/row-menu.js';
import { Section } from '../common/section.js';
import { strings } from '../strings.js';
import { AsOfForm } from './as-of-form.js';
import { auditColumns } from './audit-columns.js';
import { AuditFilters } from './audit-filters.js';
import { useAuditTrail, useFilters, type Entry } from './audit-list.js';
import { EntryDialog } from './entry-dialog.js';
import { ExportMenu } from './export-menu.js';
import { useVerification, VerificationResult } from './verification.js';

const HEADING = 'audit-heading';
const texts = strings.audit;

/** Who did what, when and from where; for administrators and auditors. */
export default function AuditTrail() {
  const filters = useFilters();
  const list = useAuditTrail(filters.values);
  const verification = useVerification(list.rows);
  const isEmpty = list.rows.length === 0;
  const [open, setOpen] = useState<Entry | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const menu = useMemo(
    () => (entry: Entry) => (
      <Button id={optionsId(entry.id)} size="compact-sm" variant="subtle" onClick={() => setOpen(entry)}>
        {texts.details}
      </Button>
    ),
    [],
  );
  return (
    <Section id={HEADING} heading={texts.heading} explanation={texts.explanation}>
      <Stack>
        {error && <Problem title={texts.export.failed} error={error} onClose={() => setError(null)} />}
        <AuditFilters values={filters.values} change={filters.change} />
        <Group justify="space-between" align="flex-end">
          <AsOfForm />
          <Group gap="xs">
            <BusyButton variant="default" onClick={verification.begin} isBusy={verification.isBusy} disabled={isEmpty}>
              {texts.verify.label}
            </BusyButton>
            <ExportMenu values={filters.values} onError={setError} />
          </Group>
        </Group>
        <VerificationResult verification={verification} />
        <PagedTable
          label={strings.shell.auditTrail}
          list={list}
          columns={auditColumns}
          menu={menu}
          failed={texts.failed}
          empty={
            <Nothing question={filters} nothingFound={texts.nothingFound} title={texts.empty} text={texts.emptyText} />
          }
        />
      </Stack>
      {open && <EntryDialog entry={open} returnTo={[optionsId(open.id), HEADING]} onClose={() => setOpen(null)} />}
    </Section>
  );
}
