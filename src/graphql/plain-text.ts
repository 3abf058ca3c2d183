import { registerDecorator, type ValidationOptions } from 'class-validator';

/** Control characters, lone surrogates, what turns the direction of text, and line separators. */
const HIDDEN = /[\p{Cc}\p{Cs}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;
const HIDDEN_BUT_LINES = /[^\P{Cc}\n\r\t]|[\p{Cs}\u061C\u200E\u200F\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

/** Nothing that anybody could see. */
const BLANK = /^[\s\p{Default_Ignorable_Code_Point}]*$/u;

type Limits = { min?: number; max: number; lines?: boolean };

/** Text that people can read: a number of characters (code points), none of them hidden; with `lines`, line ends and tabs are fine. */
export function IsPlainText({ min = 1, max, lines = false }: Limits, options?: ValidationOptions): PropertyDecorator {
  return (target, propertyKey) => {
    registerDecorator({
      name: 'isPlainText',
      target: target.constructor,
      propertyName: String(propertyKey),
      ...(options && { options }),
      validator: {
        validate: (value: unknown) => typeof value === 'string' && isPlainText(value, { min, max, lines }),
        defaultMessage: (args) => `${args?.property} ${problemOf(String(args?.value), { min, max, lines })}`,
      },
    });
  };
}

export const isPlainText = (text: string, { min = 1, max, lines = false }: Limits): boolean =>
  problemOf(text, { min, max, lines }) === null;

function problemOf(text: string, { min, max, lines }: Required<Limits>): string | null {
  // The length in UTF-16 units bounds the work before characters are counted.
  const length = text.length > 2 * max ? Infinity : [...text].length;
  if (length > max || length < min || (min > 0 && BLANK.test(text))) return `must be ${min} to ${max} characters long`;
  if ((lines ? HIDDEN_BUT_LINES : HIDDEN).test(text)) return 'must not contain control, direction or broken characters';
  return null;
}
