import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import serverFeatures from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { unary } from './grpc-server.js';

const VERSION = '23.10.6';
const LEADER = gossip.MemberInfo.VNodeState.LEADER;

// What a 23.10.6 says that it has; a client that finds `batchappend` here appends by it.
const METHODS = `
  redaction.redaction: geteventpositions, switchchunks
  persistent_subscriptions.persistentsubscriptions: create stream all, update stream all, delete stream all,
    read stream all, getinfo stream all, replayparked stream all, list stream all, restartsubsystem stream all
  users.users: create, update, delete, disable, enable, details, changepassword, resetpassword
  streams.streams: read position events, append, delete, tombstone, batchappend deadline_duration
  operations.operations: startscavenge, stopscavenge, shutdown, mergeindexes, resignnode, setnodepriority,
    restartpersistentsubscriptions
  gossip.gossip: read
  monitoring.monitoring: stats
  server_features.serverfeatures: getsupportedmethods`;

export const getSupportedMethods = unary((_request, respond) => {
  const methods = new serverFeatures.SupportedMethods();
  methods.setEventStoreServerVersion(VERSION);
  for (const service of METHODS.trim().split(/\n {2}(?! )/)) {
    const [name, list] = service.split(':');
    for (const entry of list.split(',')) {
      const [methodName, ...features] = entry.trim().split(' ');
      const method = new serverFeatures.SupportedMethod();
      method.setServiceName(`event_store.client.${name}`);
      method.setMethodName(methodName);
      method.setFeaturesList(features);
      methods.addMethods(method);
    }
  }
  respond(methods);
});

/** A cluster of this one node. `port` is a function: it is known once the server listens. */
export function readGossip(port) {
  const instance = Buffer.from(randomUUID().replaceAll('-', ''), 'hex');
  return unary((_request, respond) => {
    const structured = new shared.UUID.Structured();
    structured.setMostSignificantBits(String(instance.readBigInt64BE(0)));
    structured.setLeastSignificantBits(String(instance.readBigInt64BE(8)));
    const endPoint = new gossip.EndPoint();
    endPoint.setAddress('127.0.0.1');
    endPoint.setPort(port());
    const member = new gossip.MemberInfo();
    member.setInstanceId(new shared.UUID().setStructured(structured));
    member.setTimeStamp(`${Date.now()}0000`);
    member.setState(LEADER);
    member.setIsAlive(true);
    member.setHttpEndPoint(endPoint);
    const cluster = new gossip.ClusterInfo();
    cluster.addMembers(member);
    respond(cluster);
  });
}
