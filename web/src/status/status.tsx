import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Stack } from '@mantine/core';
import { useAnnounce } from '../common/announcements.js';
import { Loading } from '../common/loading.js';
import { Problem } from '../common/problem.js';
import { Section } from '../common/section.js';
import {
  ProjectionsDocument,
  RebuildProjectionDocument,
  RetryParkedStreamDocument,
  type ProjectionName,
  type ProjectionStatusFragment,
} from '../graphql/operations.generated.js';
import { useRight, useService } from '../service.js';
import { strings } from '../strings.js';
import { CredentialsInUse } from './credentials-in-use.js';
import { ParkedStreams } from './parked-streams.js';
import { ReadModels } from './read-models.js';

export type ReadModel = ProjectionStatusFragment;

const PROJECTIONS = ['projections'];
const USUALLY = 5_000;
const WHILE_REBUILDING = 700;
const texts = strings.status;

export const titleOf = (name: string): string => (texts.names as Readonly<Record<string, string>>)[name] ?? name;

/** `app-history` is called APP_HISTORY where it is named in a mutation. */
const graphqlName = (name: string) => name.replaceAll('-', '_').toUpperCase() as ProjectionName;

/** How the read models are, and what can be done about them. */
export default function Status() {
  const { request } = useService();
  const client = useQueryClient();
  const announce = useAnnounce();
  const mayMend = useRight('mendReadModels');
  const { data, error, refetch } = useQuery({
    queryKey: PROJECTIONS,
    queryFn: ({ signal }) => request(ProjectionsDocument, {}, signal),
    refetchInterval: ({ state }) => (state.data?.projections.some(isRebuilding) ? WHILE_REBUILDING : USUALLY),
  });

  async function rebuild(name: string): Promise<void> {
    await request(RebuildProjectionDocument, { input: { name: graphqlName(name) } });
    announce(texts.asked(titleOf(name)));
    await client.invalidateQueries({ queryKey: PROJECTIONS });
  }

  async function retry(name: string, stream: string): Promise<void> {
    const input = { projection: graphqlName(name), stream };
    const { parked } = (await request(RetryParkedStreamDocument, { input })).retryParkedStream;
    announce(parked ? texts.stillParked(stream, parked.error) : texts.retried(stream));
    await client.invalidateQueries({ queryKey: PROJECTIONS });
  }

  return (
    <Stack gap="lg">
      <Section id="read-models" heading={texts.heading} explanation={texts.explanation}>
        {error && <Problem title={texts.failed} error={error} onRetry={() => void refetch()} />}
        {!data && !error && <Loading />}
        {data && <ReadModels models={data.projections} rebuild={mayMend ? rebuild : null} />}
      </Section>
      {data && (
        <Section id="parked-streams" heading={texts.parkedHeading} explanation={texts.parkedText}>
          <ParkedStreams models={data.projections} retry={mayMend ? retry : null} />
        </Section>
      )}
      <CredentialsInUse />
    </Stack>
  );
}

const isRebuilding = ({ rebuild }: ReadModel) => rebuild !== null && rebuild.error === null;
