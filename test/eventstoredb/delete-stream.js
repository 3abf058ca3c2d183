import { deleteRefused, streamDeleted } from './grpc-error.js';
import { unary } from './grpc-server.js';
import { toPosition } from './position.js';
import { toExpected } from './proposed-append.js';
import { fromIdentifier } from './recorded-event.js';

const WIRE_REVISIONS = { any: -2, stream_exists: -4 };

/** Soft delete and tombstone: `remove` is the store's operation, `Response` the message that answers it. */
export function deleteStream(remove, Response) {
  return unary((request, respond) => {
    const options = request.getOptions();
    const stream = fromIdentifier(options.getStreamIdentifier());
    const expected = toExpected(options);
    const { result, current, offset } = remove(stream, expected);
    if (result === 'deleted') throw streamDeleted(stream);
    if (result === 'wrong') throw deleteRefused(stream, WIRE_REVISIONS[expected] ?? expected, current);

    const position = new Response.Position();
    position.setCommitPosition(toPosition(offset));
    position.setPreparePosition(toPosition(offset));
    const response = new Response();
    response.setPosition(position);
    respond(response);
  });
}
