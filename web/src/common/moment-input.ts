const padded = (number: number, digits = 2) => String(number).padStart(digits, '0');

/** A moment as an input of type `datetime-local` has it, in the reader's zone; empty when it is none. */
export function inputOfMoment(at: string): string {
  const moment = new Date(at);
  if (at === '' || Number.isNaN(moment.getTime())) return '';
  const day = [padded(moment.getFullYear(), 4), padded(moment.getMonth() + 1), padded(moment.getDate())].join('-');
  return `${day}T${padded(moment.getHours())}:${padded(moment.getMinutes())}`;
}

/** The other way around. */
export function momentOfInput(text: string): string {
  const moment = new Date(text);
  return Number.isNaN(moment.getTime()) ? '' : moment.toISOString();
}
