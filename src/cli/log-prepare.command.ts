import { UsageError, type Command } from './command.js';

export const logPrepare: Command = {
  name: 'log prepare',
  summary: 'make the user of an EventStoreDB who keeps the log',
  help: `Usage: latchkey log prepare

Makes the user that EVENT_STORE_URL names, with the password that stands there, and lets this user read $all: all that an EventStoreDB
with users needs. Done again, it sets the password. It acts as admin, with EVENT_STORE_ADMIN_PASSWORD.`,
  options: {},

  async run() {
    const { EVENT_STORE_URL: url, EVENT_STORE_ADMIN_PASSWORD: adminPassword } = process.env;
    if (!url || !adminPassword) throw new UsageError('Set EVENT_STORE_URL and EVENT_STORE_ADMIN_PASSWORD.');
    // Loads the client, which takes its time; other commands need not wait for it.
    const { prepareEventStoreDb } = await import('../event-store/esdb/prepare-eventstoredb.js');
    const user = await prepareEventStoreDb(url, adminPassword);
    return { text: `The user ${user} may read and write the log.`, json: { user } };
  },
};
