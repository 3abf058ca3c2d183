import { Button, Progress, Stack, Text } from '@mantine/core';
import { useMemo } from 'react';
import { DataTable, type Column } from '../common/data-table.js';
import { Problem } from '../common/problem.js';
import { useChange } from '../common/use-change.js';
import { strings } from '../strings.js';
import { titleOf, type ReadModel } from './status.js';

const texts = strings.status;
const { columns: headings } = texts;
type Row = ReadModel & { id: string };

function behind({ lag, isWhole }: Row): string {
  if (!isWhole) return texts.notWhole;
  return lag > 0 ? texts.lag(lag) : texts.upToDate;
}

const columns: Column<Row>[] = [
  { heading: headings.name, isMain: true, cell: ({ name }) => titleOf(name) },
  { heading: headings.lag, cell: behind },
  { heading: headings.parked, cell: ({ parked }) => parked.length },
  { heading: headings.rebuild, cell: ({ name, rebuild }) => rebuild && <RebuildState name={name} rebuild={rebuild} /> },
];

type Props = { models: readonly ReadModel[]; rebuild: ((name: string) => Promise<void>) | null };

export function ReadModels({ models, rebuild }: Props) {
  const { isBusy, error, run } = useChange();
  const rows = useMemo(() => models.map((model): Row => ({ ...model, id: model.name })), [models]);
  const menu = ({ name, rebuild: underWay }: Row) =>
    rebuild && (
      <Button
        size="compact-sm"
        variant="default"
        aria-label={texts.rebuildOf(titleOf(name))}
        disabled={isBusy || (underWay !== null && underWay.error === null)}
        onClick={() => void run(() => rebuild(name))}
      >
        {texts.rebuild}
      </Button>
    );
  return (
    <Stack>
      {error && <Problem error={error} />}
      <DataTable label={texts.heading} columns={columns} rows={rows} total={rows.length} menu={menu} />
    </Stack>
  );
}

function RebuildState({ name, rebuild }: { name: string; rebuild: NonNullable<ReadModel['rebuild']> }) {
  if (rebuild.error !== null)
    return (
      <Text size="sm" c="var(--mantine-color-error)">
        {texts.rebuildFailed(rebuild.error)}
      </Text>
    );
  const percent = rebuild.total > 0 ? Math.min(100, Math.floor((100 * rebuild.processed) / rebuild.total)) : 0;
  return <Progress value={percent} aria-label={texts.rebuilding(titleOf(name), percent)} miw={100} />;
}
