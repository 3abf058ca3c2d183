import shared from '@eventstore/db-client/generated/shared_pb.js';
import status from '@eventstore/db-client/generated/status_pb.js';
import { createRequire } from 'node:module';
import { MAX_APPEND_SIZE } from './event-store.js';

// The copy that the client's own messages are made with.
const { Any } = createRequire(import.meta.resolve('@eventstore/db-client'))(
  'google-protobuf/google/protobuf/any_pb.js',
);

const errors = {
  wrong: [6, 'WrongExpectedVersion', toWrongExpectedVersion],
  deleted: [5, 'StreamDeleted', toStreamDeleted],
  'too-large': [3, 'MaximumAppendSizeExceeded', toTooLarge],
  'bad-request': [3, 'BadRequest', toBadRequest],
  'access-denied': [7, 'AccessDenied', () => new shared.AccessDenied()],
  timeout: [4, 'Timeout', () => new shared.Timeout()],
};

/** A batch append goes on after an error, so the error is a message: a status with its detail packed. */
export function toBatchError(append, outcome) {
  const [code, name, toDetail] = errors[outcome.result];
  const details = new Any();
  details.pack(toDetail(append, outcome).serializeBinary(), `event_store.client.${name}`);
  const error = new status.Status();
  error.setCode(code);
  error.setMessage(name);
  error.setDetails(details);
  return error;
}

function toWrongExpectedVersion({ expected }, { current }) {
  const detail = new shared.WrongExpectedVersion();
  if (current === -1) detail.setCurrentNoStream(new shared.Empty());
  else detail.setCurrentStreamRevision(String(current));
  if (expected === 'any') detail.setExpectedAny(new shared.Empty());
  else if (expected === 'stream_exists') detail.setExpectedStreamExists(new shared.Empty());
  else if (expected === -1) detail.setExpectedNoStream(new shared.Empty());
  else detail.setExpectedStreamPosition(String(expected));
  return detail;
}

function toStreamDeleted({ identifier }) {
  const detail = new shared.StreamDeleted();
  detail.setStreamIdentifier(identifier);
  return detail;
}

function toTooLarge() {
  const detail = new shared.MaximumAppendSizeExceeded();
  detail.setMaxappendsize(MAX_APPEND_SIZE);
  return detail;
}

function toBadRequest(_append, { message }) {
  const detail = new shared.BadRequest();
  detail.setMessage(message);
  return detail;
}
