import * as fc from 'fast-check';
import { parseForm, refuseInAddress, requiredParameter } from '../../src/oauth/form.js';
import { InvalidRequest } from '../../src/oauth/oauth-error.js';

/** Promise (oauth.md): RFC 6749, section 3.2. */

describe('a form', () => {
  it('comes back whatever its values are', () => {
    const pairs = fc.uniqueArray(
      fc.tuple(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ minLength: 1, unit: 'grapheme' })),
      { selector: ([name]) => name },
    );
    fc.assert(
      fc.property(pairs, (given) => {
        expect([...parseForm(new URLSearchParams(given).toString())]).toEqual(given);
      }),
    );
  });

  it.each([
    ['grant_type=a&grant_type=b'],
    ['grant_type=a&grant_type=a'],
    ['grant_type=a&grant_type='],
    ['grant_type=&grant_type='],
    ['grant_type=a&%67rant_type=b'],
    ['unknown=1&x=2&unknown=1'],
  ])('in which a parameter is given twice is refused: %s', (text) => {
    expect(() => parseForm(text)).toThrow(InvalidRequest);
  });

  it('takes an empty value for none', () => {
    expect([...parseForm('scope=&resource&grant_type=client_credentials')]).toEqual([
      ['grant_type', 'client_credentials'],
    ]);
  });

  it('tells names by their letter case', () => {
    expect(parseForm('token=a&Token=b').get('token')).toBe('a');
  });

  it('that is empty has nothing', () => {
    expect(parseForm('').size).toBe(0);
  });

  it('names the parameter that is missing, and nothing of the others', () => {
    const form = parseForm('client_secret=lk_sec_x&token=');
    expect(() => requiredParameter(form, 'token')).toThrow('The parameter token is missing.');
    expect(requiredParameter(form, 'client_secret')).toBe('lk_sec_x');
  });
});

describe('an address', () => {
  it.each(['client_id', 'client_secret', 'token', 'grant_type'])('that holds %s is refused, and not shown', (name) => {
    const refusal = refusalOf(`/oauth/token?x=1&${name}=very-secret`);
    expect(refusal).toBeInstanceOf(InvalidRequest);
    expect(refusal?.message).toContain(name);
    expect(refusal?.message).not.toContain('very-secret');
  });

  it.each(['/oauth/token?client%5Fsecret=x', '/oauth/token?client_secret', '/oauth/token?&&token=x'])(
    'that holds it in another form is refused: %s',
    (address) => {
      expect(refusalOf(address)).toBeInstanceOf(InvalidRequest);
    },
  );

  it.each(['/oauth/token', '/oauth/token?', '/oauth/token?trace=1', '/oauth/token?x=token', '/oauth/token?%'])(
    'with nothing of the kind is fine: %s',
    (address) => {
      expect(refusalOf(address)).toBeUndefined();
    },
  );
});

function refusalOf(address: string): Error | undefined {
  try {
    refuseInAddress(address);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
