import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { toBatchError } from './batch-error.js';
import { guarded } from './grpc-server.js';
import { toPosition } from './position.js';
import { toExpected, toProposed } from './proposed-append.js';
import { fromIdentifier, fromUuid } from './recorded-event.js';

const { BatchAppendResp } = streams;

/** One long call for all appends of a client; an append may come in several requests, the last of which is final. */
export function batchAppend(store, faults) {
  return (call, route) => {
    const pending = new Map();
    call.onHalfClose = () => call.end();
    call.onMessage = (bytes) =>
      guarded(call, () => {
        const request = route.requestDeserialize(bytes);
        const append = collect(pending, request);
        if (!request.getIsFinal()) return;
        const { stream, expected, proposed } = append;
        faults.append(
          call,
          () => store.append(stream, expected, proposed),
          (outcome) => call.send([route.responseSerialize(toAnswer(request, append, outcome))]),
        );
      });
  };
}

function collect(pending, request) {
  const id = fromUuid(request.getCorrelationId());
  const options = request.getOptions();
  const append = pending.get(id) ?? {
    identifier: options.getStreamIdentifier(),
    stream: fromIdentifier(options.getStreamIdentifier()),
    expected: toExpected(options),
    proposed: [],
  };
  append.proposed.push(...request.getProposedMessagesList().map(toProposed));
  if (request.getIsFinal()) pending.delete(id);
  else pending.set(id, append);
  return append;
}

function toAnswer(request, append, outcome) {
  const answer = new BatchAppendResp();
  answer.setCorrelationId(request.getCorrelationId());
  answer.setStreamIdentifier(append.identifier);
  if (outcome.result === 'stored') answer.setSuccess(toSuccess(outcome));
  else answer.setError(toBatchError(append, outcome));
  return answer;
}

function toSuccess({ revision, offset }) {
  const success = new BatchAppendResp.Success();
  if (revision === -1) success.setNoStream(new shared.Empty());
  else success.setCurrentRevision(String(revision));
  if (offset === undefined) {
    success.setNoPosition(new shared.Empty());
    return success;
  }
  const position = new shared.AllStreamPosition();
  position.setCommitPosition(toPosition(offset));
  position.setPreparePosition(toPosition(offset));
  success.setPosition(position);
  return success;
}
