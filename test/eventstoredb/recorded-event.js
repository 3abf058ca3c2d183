import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { Buffer } from 'node:buffer';
import { toPosition } from './position.js';

const { ReadResp } = streams;
const { ReadEvent } = ReadResp;

/** The message that every read and subscription sends for the event, made once when it is stored. */
export function encodeEvent({ id, stream, revision, offset, created, type, contentType, data, metadata }) {
  const recorded = new ReadEvent.RecordedEvent();
  recorded.setId(toUuid(id));
  recorded.setStreamIdentifier(toIdentifier(stream));
  recorded.setStreamRevision(String(revision));
  recorded.setPreparePosition(toPosition(offset));
  recorded.setCommitPosition(toPosition(offset));
  recorded.getMetadataMap().set('type', type).set('content-type', contentType).set('created', `${created}0000`);
  recorded.setCustomMetadata(metadata);
  recorded.setData(data);

  const event = new ReadEvent();
  event.setEvent(recorded);
  event.setCommitPosition(toPosition(offset));
  const response = new ReadResp();
  response.setEvent(event);
  return Buffer.from(response.serializeBinary());
}

export function decodeData(bytes) {
  return Buffer.from(ReadResp.deserializeBinary(bytes).getEvent().getEvent().getData_asU8()).toString();
}

export function toUuid(id) {
  const uuid = new shared.UUID();
  uuid.setString(id);
  return uuid;
}

export function fromUuid(uuid) {
  if (!uuid.hasStructured()) return uuid.getString().toLowerCase();
  const bits = [uuid.getStructured().getMostSignificantBits(), uuid.getStructured().getLeastSignificantBits()];
  const digits = bits.map((value) => BigInt.asUintN(64, BigInt(value)).toString(16).padStart(16, '0')).join('');
  return digits.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}

export function toIdentifier(stream) {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(stream));
  return identifier;
}

export const fromIdentifier = (identifier) => Buffer.from(identifier.getStreamName_asU8()).toString();
