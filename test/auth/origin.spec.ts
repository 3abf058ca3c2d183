import type { FastifyRequest } from 'fastify';
import { addressOf } from '../../src/auth/origin.js';

const request = (ip: string, remoteAddress?: string) =>
  ({ ip, socket: { remoteAddress } }) as unknown as FastifyRequest;

describe('the address of a client', () => {
  it.each(['203.0.113.7', '2001:db8::1', '::ffff:203.0.113.7'])('is what the proxy says: %s', (ip) => {
    expect(addressOf(request(ip, '10.0.0.1'))).toBe(ip);
  });

  // The audit trail is for ever: what is no address is not kept as one.
  it.each([`';drop`, 'a'.repeat(60), '', 'unknown', '203.0.113.7, 10.0.0.1'])('is that of the proxy for %j', (ip) => {
    expect(addressOf(request(ip, '10.0.0.1'))).toBe('10.0.0.1');
    expect(addressOf(request(ip))).toBeNull();
  });
});
