import 'reflect-metadata';
import { validateSync } from 'class-validator';
import { IsPlainText } from '../../src/graphql/plain-text.js';

class Inputs {
  @IsPlainText({ max: 200 }) name: unknown = 'fine';
  @IsPlainText({ min: 0, max: 1_000, lines: true }) description: unknown = '';
}

/** The sentence of a refusal, `null` for a text that is fine. */
function problemIn(field: keyof Inputs, value: unknown): string | null {
  const [problem] = validateSync(Object.assign(new Inputs(), { [field]: value }));
  return problem ? Object.values(problem.constraints ?? {}).join() : null;
}

const LENGTH = 'name must be 1 to 200 characters long';
const HIDDEN = 'name must not contain control, direction or broken characters';

// What nobody can see is written by its number here.
const character = (codePoint: number) => String.fromCodePoint(codePoint);

describe('the length of a name', () => {
  it.each([
    { title: 'one character', text: 'a' },
    { title: '200 characters', text: 'a'.repeat(200) },
    { title: 'one emoji', text: '😀' },
    { title: '200 emoji, which are 400 units of UTF-16', text: '😀'.repeat(200) },
    { title: 'a text of other letters', text: '計費服務 Ünïcödé Ω' },
    { title: 'blanks within', text: ' a b ' },
  ])('is fine with $title', ({ text }) => {
    expect(problemIn('name', text)).toBeNull();
  });

  it.each([
    { title: 'no character', text: '' },
    { title: '201 characters', text: 'a'.repeat(201) },
    { title: '201 emoji', text: '😀'.repeat(201) },
    { title: '400 letters, as many units as 200 emoji', text: 'a'.repeat(400) },
    { title: '401 letters', text: 'a'.repeat(401) },
    { title: 'a megabyte', text: 'a'.repeat(1_000_000) },
  ])('is refused with $title', ({ text }) => {
    expect(problemIn('name', text)).toBe(LENGTH);
  });
});

describe('a name that nobody can see', () => {
  it.each([
    { title: 'a blank', text: ' ' },
    { title: 'many blanks', text: ' '.repeat(200) },
    { title: 'a no-break space', text: character(0xa0) },
    { title: 'an ideographic space', text: character(0x3000) },
    { title: 'a zero-width space', text: character(0x200b) },
    { title: 'zero-width joiners', text: character(0x200d).repeat(3) },
    { title: 'a byte order mark', text: character(0xfeff) },
    { title: 'a soft hyphen', text: character(0xad) },
    { title: 'a Hangul filler', text: character(0x3164) },
    { title: 'a variation selector alone', text: character(0xfe0f) },
  ])('is refused: $title', ({ text }) => {
    expect(problemIn('name', text)).toBe(LENGTH);
  });

  it('is another thing than one with joiners within', () => {
    expect(problemIn('name', '👩\u200d💻')).toBeNull();
    expect(problemIn('name', '❤\ufe0f')).toBeNull();
  });
});

describe('hidden characters in a name (promise: what is shown is what is there)', () => {
  it.each([
    { title: 'NUL, which PostgreSQL cannot store', codePoint: 0x00 },
    { title: 'a backspace', codePoint: 0x08 },
    { title: 'a tab', codePoint: 0x09 },
    { title: 'a line feed', codePoint: 0x0a },
    { title: 'a carriage return', codePoint: 0x0d },
    { title: 'an escape', codePoint: 0x1b },
    { title: 'a delete', codePoint: 0x7f },
    { title: 'a next line', codePoint: 0x85 },
    { title: 'a line separator', codePoint: 0x2028 },
    { title: 'a paragraph separator', codePoint: 0x2029 },
    { title: 'a left-to-right mark', codePoint: 0x200e },
    { title: 'a right-to-left mark', codePoint: 0x200f },
    { title: 'an Arabic letter mark', codePoint: 0x61c },
    { title: 'a left-to-right embedding', codePoint: 0x202a },
    { title: 'a right-to-left override', codePoint: 0x202e },
    { title: 'a left-to-right isolate', codePoint: 0x2066 },
    { title: 'a pop directional isolate', codePoint: 0x2069 },
  ])('are refused: $title', ({ codePoint }) => {
    for (const text of [`a${character(codePoint)}b`, `${character(codePoint)}ab`, `ab${character(codePoint)}`])
      expect(problemIn('name', text)).toBe(HIDDEN);
  });

  it.each([
    { title: 'the first half of a pair', text: 'a\ud83d' },
    { title: 'the second half of a pair', text: '\ude00a' },
    { title: 'the halves in the wrong order', text: 'a\ude00\ud83db' },
  ])('are refused: $title', ({ text }) => {
    expect(problemIn('name', text)).toBe(HIDDEN);
  });
});

describe('a text of several lines', () => {
  it('may be empty, blank and have 1000 characters', () => {
    for (const text of ['', ' ', 'a'.repeat(1_000), '😀'.repeat(1_000)])
      expect(problemIn('description', text)).toBeNull();
    expect(problemIn('description', 'a'.repeat(1_001))).toBe('description must be 0 to 1000 characters long');
  });

  it('may have line ends and tabs', () => {
    expect(problemIn('description', 'one\n\ttwo\r\nthree')).toBeNull();
  });

  it.each([0x00, 0x08, 0x0b, 0x1b, 0x7f, 0x85, 0x200e, 0x2028, 0x2029, 0x202e, 0x2066])(
    'has no other hidden character (%i)',
    (codePoint) => {
      expect(problemIn('description', `a${character(codePoint)}b`)).toMatch(/^description must not contain control/);
    },
  );

  it('has no lone surrogates', () => {
    expect(problemIn('description', 'a\ud83d')).toMatch(/^description must not contain/);
  });
});

describe('what is no text', () => {
  it.each([null, undefined, 5, true, {}, ['a']])('is refused: %p', (value) => {
    expect(problemIn('name', value)).not.toBeNull();
  });
});
