/** Moves the log of every spec to EventStoreDB: to a real one if there is one, else to the stand-in of this run. */
process.env.TEST_EVENT_STORE_URL = process.env.EVENTSTOREDB_URL ?? process.env.TEST_EVENTSTOREDB_URL;
