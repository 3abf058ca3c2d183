import { Button, Stack, Text } from '@mantine/core';
import { DataTable, type Column } from '../common/data-table.js';
import { Problem } from '../common/problem.js';
import { useChange } from '../common/use-change.js';
import { strings } from '../strings.js';
import { titleOf, type ReadModel } from './status.js';

const texts = strings.status;
const { parkedColumns: headings } = texts;
type Row = ReadModel['parked'][number] & { id: string; model: string };

const columns: Column<Row>[] = [
  { heading: headings.stream, isMain: true, cell: ({ stream }) => stream },
  { heading: headings.model, cell: ({ model }) => titleOf(model) },
  { heading: headings.event, cell: ({ eventType }) => eventType },
  { heading: headings.error, cell: ({ error }) => error },
  { heading: headings.waiting, cell: ({ waiting }) => waiting },
];

type Props = {
  models: readonly ReadModel[];
  retry: ((model: string, stream: string) => Promise<void>) | null;
};

export function ParkedStreams({ models, retry }: Props) {
  const { isBusy, error, run } = useChange();
  const rows = models.flatMap(({ name, parked }) =>
    parked.map((each): Row => ({ ...each, model: name, id: `${name} ${each.stream}` })),
  );
  if (rows.length === 0) return <Text size="sm">{texts.noneParked}</Text>;
  const menu = ({ model, stream }: Row) =>
    retry && (
      <Button
        size="compact-sm"
        variant="default"
        aria-label={texts.retryOf(stream)}
        disabled={isBusy}
        onClick={() => void run(() => retry(model, stream))}
      >
        {texts.retry}
      </Button>
    );
  return (
    <Stack>
      {error && <Problem error={error} />}
      <DataTable label={texts.parkedHeading} columns={columns} rows={rows} total={rows.length} menu={menu} />
    </Stack>
  );
}
