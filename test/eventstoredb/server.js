/**
 * A stand-in for an EventStoreDB 23.10.6, held to what a real one answered by recordings/recordings.int.spec.ts.
 * node server.js --port 2113 [--file path]: prints READY and the port, and keeps its streams in the file, else in memory.
 */
import gossip from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import serverFeatures from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { parseArgs } from 'node:util';
import { batchAppend } from './batch-append.js';
import { deleteStream } from './delete-stream.js';
import { EventFile } from './event-file.js';
import { EventLog } from './event-log.js';
import { EventStore } from './event-store.js';
import { Faults } from './faults.js';
import { createGrpcServer } from './grpc-server.js';
import { readCall } from './read-call.js';
import { getSupportedMethods, readGossip } from './server-information.js';
import { singleAppend } from './single-append.js';

const { values: options } = parseArgs({
  options: { port: { type: 'string', default: '0' }, file: { type: 'string' } },
});

const log = new EventLog(options.file ? new EventFile(options.file) : undefined);
const store = new EventStore(log);
const subscriptions = new Set();
const faults = new Faults(subscriptions, () => server.cutConnections());
let port = Number(options.port);

const server = createGrpcServer(
  [
    [
      streamsService.StreamsService,
      {
        read: readCall(log, subscriptions),
        batchAppend: batchAppend(store, faults),
        append: singleAppend(store, faults),
        delete: deleteStream((name, expected) => store.softDelete(name, expected), streams.DeleteResp),
        tombstone: deleteStream((name, expected) => store.tombstone(name, expected), streams.TombstoneResp),
      },
    ],
    [serverFeatures.ServerFeaturesService, { getSupportedMethods }],
    [gossip.GossipService, { read: readGossip(() => port) }],
  ],
  (call, path) => faults.intercept(call, path),
);

process.on('SIGTERM', () => void server.stop().then(() => process.exit()));
// Started by a test: faults are set over the channel, and the end of the test process is the end of this one.
process.on('message', ({ fault, value }) => process.send({ done: fault }, faults.set(fault, value)));
process.on('disconnect', () => process.exit());

port = await server.listen(port);
console.log(`READY ${port}`);
