const LONGEST_NAME = 200;

type Texts = { required: string; tooLong: (most: number) => string };

/** What is wrong with a name, `null` when nothing is. */
export function nameProblem(name: string, { required, tooLong }: Texts): string | null {
  if (name.trim() === '') return required;
  return [...name].length > LONGEST_NAME ? tooLong(LONGEST_NAME) : null;
}
