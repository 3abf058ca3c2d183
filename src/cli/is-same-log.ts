/**
 * Whether two addresses name the same log, as far as their text tells: scheme, user, password and options make no difference.
 * Two names of one server are not recognised; a log that is copied onto itself stays as it is.
 */
export const isSameLog = (a: string, b: string) => placeOf(a) === placeOf(b);

const DEFAULT_PORTS = { postgres: '5432', esdb: '2113' };

function placeOf(address: string): string {
  const [, scheme = '', hosts = '', path = '', query = ''] =
    /^([^:]*):\/\/(?:[^?]*@)?([^/?]*)\/?([^?]*)(.*)$/.exec(address) ?? [];
  const kind = scheme.startsWith('postgres') ? 'postgres' : 'esdb';
  const servers = hosts
    .toLowerCase()
    .split(',')
    .map((host) => (/:\d+$/.test(host) ? host : `${host}:${DEFAULT_PORTS[kind]}`))
    .sort();
  // A server without a name in its place is named by the options: a socket.
  return JSON.stringify([kind, servers, kind === 'postgres' ? path : '', hosts ? '' : query]);
}
