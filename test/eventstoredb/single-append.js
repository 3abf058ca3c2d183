import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { Buffer } from 'node:buffer';
import { MAX_APPEND_SIZE } from './event-store.js';
import { accessDenied, appendTooLarge, badRequest, operationTimedOut, streamDeleted } from './grpc-error.js';
import { guarded } from './grpc-server.js';
import { toPosition } from './position.js';
import { toExpected, toProposed } from './proposed-append.js';
import { fromIdentifier } from './recorded-event.js';

const { AppendResp } = streams;

/** One append a call: options, then an event a message; the client uses it when credentials come with the call. */
export function singleAppend(store, faults) {
  return (call, route) => {
    const proposed = [];
    let options;
    call.onMessage = (bytes) => {
      const request = route.requestDeserialize(bytes);
      if (request.hasOptions()) options = request.getOptions();
      else proposed.push(toProposed(request.getProposedMessage()));
    };
    call.onHalfClose = () =>
      guarded(call, () => {
        const stream = fromIdentifier(options.getStreamIdentifier());
        const expected = toExpected(options);
        faults.append(
          call,
          () => store.append(stream, expected, proposed),
          (outcome) => guarded(call, () => answer(call, route, stream, expected, outcome)),
        );
      });
  };
}

function answer(call, route, stream, expected, outcome) {
  if (outcome.result === 'stored')
    call.send([route.responseSerialize(new AppendResp().setSuccess(toSuccess(outcome)))]);
  else if (outcome.result === 'wrong') call.send([encodeWrong(expected, outcome.current)]);
  else throw toError(stream, outcome);
  call.end();
}

function toError(stream, outcome) {
  if (outcome.result === 'deleted') return streamDeleted(stream);
  if (outcome.result === 'too-large') return appendTooLarge(MAX_APPEND_SIZE);
  if (outcome.result === 'access-denied') return accessDenied();
  if (outcome.result === 'timeout') return operationTimedOut();
  return badRequest(outcome.message);
}

function toSuccess({ revision, offset }) {
  const success = new AppendResp.Success();
  if (revision === -1) success.setNoStream(new shared.Empty());
  else success.setCurrentRevision(String(revision));
  if (offset === undefined) {
    success.setNoPosition(new shared.Empty());
    return success;
  }
  const position = new AppendResp.Position();
  position.setCommitPosition(toPosition(offset));
  position.setPreparePosition(toPosition(offset));
  success.setPosition(position);
  return success;
}

function encodeWrong(expected, current) {
  const message = toWrong(expected, current).serializeBinary();
  // -1 as an unsigned 64-bit number: `expected_revision_20_6_0`, which the generated code cannot write.
  const noStream = expected === -1 ? [0x18, ...Array(9).fill(0xff), 0x01] : [];
  return Buffer.from([0x12, message.length + noStream.length, ...message, ...noStream]);
}

/** The fields of before version 20.6.1 are filled too. */
function toWrong(expected, current) {
  const wrong = new AppendResp.WrongExpectedVersion();
  const empty = new shared.Empty();
  if (current === -1) wrong.setCurrentNoStream(empty).setNoStream2060(empty);
  else wrong.setCurrentRevision(String(current)).setCurrentRevision2060(current);
  if (expected === 'any') return wrong.setExpectedAny(empty).setAny2060(empty);
  if (expected === 'stream_exists') return wrong.setExpectedStreamExists(empty).setStreamExists2060(empty);
  if (expected === -1) return wrong.setExpectedNoStream(empty);
  return wrong.setExpectedRevision(String(expected)).setExpectedRevision2060(expected);
}
