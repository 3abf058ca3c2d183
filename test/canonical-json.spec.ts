import { canonicalJson } from '../src/canonical-json.js';

describe('canonical JSON (https://www.rfc-editor.org/rfc/rfc8785)', () => {
  it('is what section 3.2.4 shows of the example in 3.2.2', () => {
    const example = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    const expected =
      '7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d';
    expect(Buffer.from(canonicalJson(JSON.parse(example))).toString('hex')).toBe(expected);
  });

  it('has members in the order of their UTF-16 code units, as in section 3.2.3', () => {
    const example = String.raw`{ "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis" }`;
    const order = Object.values(JSON.parse(canonicalJson(JSON.parse(example))) as object);
    expect(order).toEqual([
      // An object has it in front anyway.
      'One',
      'Carriage Return',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  it('has names that look like numbers in the same order as others, not by value', () => {
    expect(canonicalJson({ 9: 'a', 10: 'b', '': 'c', '-1': 'd' })).toBe('{"":"c","-1":"d","10":"b","9":"a"}');
  });

  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the number %s of appendix B', (bits, text) => {
    expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text);
  });

  it.each([NaN, Infinity, -Infinity])('refuses %s', (number) => {
    expect(() => canonicalJson({ number })).toThrow('is no number of JSON');
  });

  it('reads over what JSON has no word for, and takes moments as text', () => {
    const at = new Date('2026-03-01T12:00:00Z');
    expect(canonicalJson({ b: undefined, a: [undefined, at] })).toBe('{"a":[null,"2026-03-01T12:00:00.000Z"]}');
    expect(canonicalJson({ a: null, b: { c: null } }, (entry) => entry !== null)).toBe('{"b":{}}');
  });
});
