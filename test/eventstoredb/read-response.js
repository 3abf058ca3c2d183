import streams from '@eventstore/db-client/generated/streams_pb.js';
import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { toPosition } from './position.js';
import { toIdentifier } from './recorded-event.js';

const { ReadResp } = streams;
const encode = (response) => Buffer.from(response.serializeBinary());

export const CAUGHT_UP = encode(new ReadResp().setCaughtUp(new ReadResp.CaughtUp()));

export function confirmation() {
  const subscription = new ReadResp.SubscriptionConfirmation();
  subscription.setSubscriptionId(randomUUID());
  return encode(new ReadResp().setConfirmation(subscription));
}

export function streamNotFound(stream) {
  const notFound = new ReadResp.StreamNotFound();
  notFound.setStreamIdentifier(toIdentifier(stream));
  return encode(new ReadResp().setStreamNotFound(notFound));
}

export function checkpointAt(event) {
  return checkpoint(event, toPosition(event.offset));
}

/** What a page without a match ends with: its first event, and no prepare position. */
export function checkpointBefore(event) {
  return checkpoint(event, '0');
}

function checkpoint(event, prepare) {
  const checkpoint = new ReadResp.Checkpoint();
  checkpoint.setCommitPosition(toPosition(event.offset));
  checkpoint.setPreparePosition(prepare);
  return encode(new ReadResp().setCheckpoint(checkpoint));
}
