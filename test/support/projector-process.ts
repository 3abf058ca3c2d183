import { spawn, type ChildProcess } from 'node:child_process';
import { pathToFileURL } from 'node:url';

/** The built service's projector in a process of its own: `body` says what to `run`, with which observer. */
export function startProjectorProcess(url: string, body: string): ChildProcess {
  const script = `
    import 'reflect-metadata';
    const dist = ${JSON.stringify(pathToFileURL('dist').href)};
    const { createDatabase } = await import(dist + '/src/postgres/database.js');
    const { openEventStore } = await import(dist + '/src/event-store/open-event-store.js');
    const { toEvent } = await import(dist + '/src/events.js');
    const { projections } = await import(dist + '/projections/projections.js');
    const { Projector } = await import(dist + '/projections/projector.js');
    const database = await createDatabase(${JSON.stringify(url)}).initialize();
    const store = await openEventStore(${JSON.stringify(url)}, 'latchkey');
    const nothing = () => {};
    const silent = { projected: nothing, recovered: nothing, parked: nothing, failed: nothing };
    const run = (chosen, observer) => new Projector(database, store, chosen, toEvent, { ...silent, ...observer }).start();
    ${body}`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'ignore', 'inherit'] });
}
