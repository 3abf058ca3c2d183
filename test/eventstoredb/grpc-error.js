export const OK = 0;
const UNKNOWN = 2;
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const ABORTED = 10;
const UNIMPLEMENTED = 12;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

/** What a call ends with; the client picks its own error class by the trailer `exception`, else by the code. */
export class GrpcError extends Error {
  constructor(code, message, trailers = {}) {
    super(message);
    this.code = code;
    this.trailers = trailers;
  }
}

export const streamDeleted = (stream) =>
  new GrpcError(FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const deleteRefused = (stream, expected, actual) =>
  new GrpcError(
    FAILED_PRECONDITION,
    `Delete failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${expected}, Actual version: ${actual}`,
    {
      exception: 'wrong-expected-version',
      'stream-name': stream,
      'expected-version': String(expected),
      'actual-version': String(actual),
    },
  );

export const appendTooLarge = (limit) =>
  new GrpcError(INVALID_ARGUMENT, `Maximum Append Size of ${limit} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(limit),
  });

export const badRequest = (message) => new GrpcError(INVALID_ARGUMENT, message);
export const handlerFailed = () => new GrpcError(UNKNOWN, 'Exception was thrown by handler.');
export const unexpectedResult = (kind) => new GrpcError(UNKNOWN, `Unexpected ${kind}: Error`);
export const unimplemented = () => new GrpcError(UNIMPLEMENTED, 'Service is unimplemented.');
export const unavailable = () => new GrpcError(UNAVAILABLE, 'Server Is Not Ready');
export const unauthenticated = () => new GrpcError(UNAUTHENTICATED, 'Unauthenticated');
export const accessDenied = () => new GrpcError(PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });

export const messageTooLarge = () =>
  new GrpcError(RESOURCE_EXHAUSTED, 'Received message exceeds the maximum configured message size.');

export const consumerTooSlow = () =>
  new GrpcError(
    ABORTED,
    'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
  );

export const notLeader = ({ host, port }) =>
  new GrpcError(NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

export const operationTimedOut = () => new GrpcError(ABORTED, 'Operation timed out');
