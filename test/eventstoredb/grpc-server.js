import { createServer } from 'node:http2';
import { GrpcCall } from './grpc-call.js';
import { handlerFailed, unimplemented } from './grpc-error.js';

/**
 * gRPC over Node's own HTTP/2: a call can be left without a status and a connection cut, which @grpc/grpc-js has no way to say.
 * `services` pairs generated service definitions with their handlers; `intercept` may take a call over before its handler.
 */
export function createGrpcServer(services, intercept) {
  const routes = new Map(services.flatMap(([definition, handlers]) => routesOf(definition, handlers)));
  const sessions = new Set();
  const calls = new Set();
  const server = createServer({ settings: { initialWindowSize: 1024 * 1024 } });

  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session)).on('error', () => {});
  });
  server.on('stream', (stream, headers) => {
    const call = new GrpcCall(stream);
    calls.add(call);
    stream.on('close', () => calls.delete(call));
    const route = routes.get(headers[':path']);
    if (!route) return call.fail(unimplemented());
    if (!intercept(call, route.path)) guarded(call, () => route.handle(call, route));
  });

  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server.address().port));
      }),
    cutConnections: () => sessions.forEach((session) => session.destroy()),
    /** As on SIGTERM. */
    stop: async () => {
      server.close();
      for (const call of calls) call.abandon();
      await Promise.all([...sessions].map((session) => new Promise((resolve) => session.close(resolve))));
    },
  };
}

function routesOf(definition, handlers) {
  return Object.entries(handlers).map(([name, handle]) => [definition[name].path, { ...definition[name], handle }]);
}

/** A handler that takes one request and then answers. */
export function unary(handle) {
  return (call, route) => {
    call.onMessage = (bytes) =>
      guarded(call, () => {
        const respond = (message) => {
          call.send([route.responseSerialize(message)]);
          call.end();
        };
        handle(route.requestDeserialize(bytes), respond, call);
      });
  };
}

/** Whatever a handler throws ends its call. */
export function guarded(call, run) {
  try {
    run();
  } catch (error) {
    if (error.trailers) return call.fail(error);
    console.error(error);
    call.fail(handlerFailed());
  }
}
