import * as fc from 'fast-check';
import { presentedCredentials } from '../../src/oauth/client-credentials.js';
import { parseForm } from '../../src/oauth/form.js';
import { InvalidClient, InvalidRequest, type OAuthError } from '../../src/oauth/oauth-error.js';

/** Promise (oauth.md): RFC 6749, section 2.3.1. */

const base64 = (text: string) => Buffer.from(text).toString('base64');
/** As `application/x-www-form-urlencoded` writes a value. */
const formEncoded = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
const basic = (id: string, secret: string) => `Basic ${base64(`${formEncoded(id)}:${formEncoded(secret)}`)}`;
const presented = (authorization: string | undefined, body = '') =>
  presentedCredentials(authorization, parseForm(body));

describe('credentials in the header', () => {
  it('come back whatever they are', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme-ascii' }), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(text, text, (clientId, clientSecret) => {
        expect(presented(basic(clientId, clientSecret))).toEqual({ clientId, clientSecret, hasUsedHeader: true });
      }),
    );
  });

  it.each([
    ['as they are', 'id:secret', 'id', 'secret'],
    ['percent-encoded though they need not be', '%69d:s%65cret', 'id', 'secret'],
    ['with a colon in the secret', 'id:se:cr:et', 'id', 'se:cr:et'],
    ['with an encoded colon in either', 'i%3Ad:se%3Acret', 'i:d', 'se:cret'],
    ['with + for a blank', 'i+d:se+cret', 'i d', 'se cret'],
    ['with an encoded +', 'i%2Bd:se%2bcret', 'i+d', 'se+cret'],
    ['beyond ASCII', 'i%C3%A4d:größe', 'iäd', 'größe'],
    ['with an empty secret', 'id:', 'id', ''],
    ['with an empty id', ':secret', '', 'secret'],
  ])('%s', (_how, pair, clientId, clientSecret) => {
    expect(presented(`Basic ${base64(pair)}`)).toEqual({ clientId, clientSecret, hasUsedHeader: true });
  });

  it.each(['basic', 'BASIC', 'Basic', 'bASIC'])('after "%s" are read', (scheme) => {
    expect(presented(`${scheme} ${base64('id:secret')}`).clientId).toBe('id');
  });

  it('are read when the base64 has lost its padding', () => {
    expect(presented(`Basic ${base64('id:secret').replace(/=+$/, '')}`).clientSecret).toBe('secret');
  });

  it.each([
    ['without a colon', `Basic ${base64('id-secret')}`],
    ['that are not base64', 'Basic id:secret'],
    ['with a character that base64 has not', `Basic ${base64('id:secret')}!`],
    ['with a broken percent sign', `Basic ${base64('id:100%')}`],
    ['with percent-encoding that is no UTF-8', `Basic ${base64('id:%FF%FE')}`],
    ['that are missing', 'Basic'],
    ['that are blank', 'Basic   '],
    ['after another scheme', `Bearer ${base64('id:secret')}`],
    ['after a scheme that begins alike', `BasicX ${base64('id:secret')}`],
    ['after no scheme', base64('id:secret')],
    ['twice', `Basic ${base64('id:secret')}, Basic ${base64('id:secret')}`],
    ['in an empty header', ''],
    ['that are megabytes long and broken', `Basic ${'A'.repeat(1_000_000)} !`],
  ])('%s are refused with a challenge', (_how, authorization) => {
    const refusal = refusalOf(authorization);
    expect(refusal).toBeInstanceOf(InvalidClient);
    expect(refusal.headers['www-authenticate']).toMatch(/^Basic realm="[^"]+"/);
    expect(refusal.message).not.toContain('secret:');
  });

  it('go with the same id in the body', () => {
    expect(presented(basic('id', 'secret'), 'client_id=id').clientSecret).toBe('secret');
  });

  it('do not go with another id in the body', () => {
    expect(refusalOf(basic('id', 'secret'), 'client_id=other')).toBeInstanceOf(InvalidRequest);
  });

  it.each(['client_secret=secret', 'client_id=id&client_secret=secret', 'client_secret=other'])(
    'do not go with a secret in the body, that is two methods at once: %s',
    (body) => {
      expect(refusalOf(basic('id', 'secret'), body)).toBeInstanceOf(InvalidRequest);
      expect(refusalOf('Bearer x', body)).toBeInstanceOf(InvalidRequest);
    },
  );
});

describe('credentials in the body', () => {
  it('are read', () => {
    expect(presented(undefined, 'client_id=i%3Ad&client_secret=se+cret%2B')).toEqual({
      clientId: 'i:d',
      clientSecret: 'se cret+',
      hasUsedHeader: false,
    });
  });

  it.each(['client_id=id', 'client_id=id&client_secret='])(
    'without a secret are refused, and nothing is said of a header that was not used: %s',
    (body) => {
      const refusal = refusalOf(undefined, body);
      expect(refusal).toBeInstanceOf(InvalidClient);
      expect(refusal.headers).toEqual({});
    },
  );

  it.each(['', 'client_id=', 'client_secret=secret'])('without an id are none at all: "%s"', (body) => {
    expect(refusalOf(undefined, body)).toBeInstanceOf(InvalidClient);
  });

  // RFC 9110, section 11.6.1: whoever sent nothing is told how to authenticate.
  it('that are missing altogether are asked for', () => {
    expect(refusalOf(undefined).headers['www-authenticate']).toMatch(/^Basic realm=/);
  });
});

function refusalOf(authorization: string | undefined, body = ''): OAuthError {
  try {
    presented(authorization, body);
  } catch (error) {
    return error as OAuthError;
  }
  throw new Error('It was not refused.');
}
