import { Group, Text, VisuallyHidden } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Loading } from '../common/loading.js';
import { Problem } from '../common/problem.js';
import { Section } from '../common/section.js';
import { CredentialsInUseDocument, type CredentialsInUseQuery } from '../graphql/operations.generated.js';
import { useService } from '../service.js';
import { strings } from '../strings.js';
import classes from './credentials-in-use.module.css';

const DAYS = 14;
const HEIGHT = 120;
const STEP = 24;
const BAR = 16;
const { inUse: texts } = strings.status;

type Day = CredentialsInUseQuery['credentialsInUse'][number];

/** How many credentials were used on each of the last days. */
export function CredentialsInUse() {
  const { request } = useService();
  const { data, error, refetch } = useQuery({
    queryKey: ['credentialsInUse'],
    queryFn: ({ signal }) => request(CredentialsInUseDocument, { days: DAYS }, signal),
  });
  return (
    <Section id="credentials-in-use" heading={texts.heading} explanation={texts.explanation}>
      {error && <Problem title={texts.failed} error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data && <Chart days={data.credentialsInUse} />}
    </Section>
  );
}

function Chart({ days }: { days: readonly Day[] }) {
  const most = Math.max(...days.map(({ apps, tokens }) => apps + tokens));
  return (
    <div>
      <svg className={classes.chart} viewBox={`0 0 ${days.length * STEP} ${HEIGHT}`} aria-hidden>
        {days.map((each, place) => (
          <Bars
            key={each.day}
            day={each}
            left={place * STEP + (STEP - BAR) / 2}
            scale={(HEIGHT - 1) / Math.max(1, most)}
          />
        ))}
        <line className={classes.ground} x1="0" x2="100%" y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      </svg>
      <Group justify="space-between" className={classes.ends} aria-hidden>
        <Text size="sm">{days[0]?.day}</Text>
        <Text size="sm">{texts.most(most)}</Text>
        <Text size="sm">{days.at(-1)?.day}</Text>
      </Group>
      <Group gap="lg" aria-hidden>
        <Text size="sm" className={classes.ofApps}>
          {texts.columns.apps}
        </Text>
        <Text size="sm" className={classes.ofTokens}>
          {texts.columns.tokens}
        </Text>
      </Group>
      <VisuallyHidden>
        <Numbers days={days} />
      </VisuallyHidden>
    </div>
  );
}

function Bars({ day: { day, apps, tokens }, left, scale }: { day: Day; left: number; scale: number }) {
  const [ofApps, ofTokens] = [apps * scale, tokens * scale];
  return (
    <g>
      <title>{texts.onDay(day, apps, tokens)}</title>
      <rect className={classes.tokens} x={left} width={BAR} y={HEIGHT - ofTokens} height={ofTokens} />
      <rect className={classes.apps} x={left} width={BAR} y={HEIGHT - ofTokens - ofApps} height={ofApps} />
    </g>
  );
}

/** The same for who cannot see the bars. */
const Numbers = ({ days }: { days: readonly Day[] }) => (
  <table aria-label={texts.heading}>
    <thead>
      <tr>
        <th scope="col">{texts.columns.day}</th>
        <th scope="col">{texts.columns.apps}</th>
        <th scope="col">{texts.columns.tokens}</th>
      </tr>
    </thead>
    <tbody>
      {days.map(({ day, apps, tokens }) => (
        <tr key={day}>
          <th scope="row">{day}</th>
          <td>{apps}</td>
          <td>{tokens}</td>
        </tr>
      ))}
    </tbody>
  </table>
);
