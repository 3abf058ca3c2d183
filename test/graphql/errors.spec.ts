import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { GraphQLError } from 'graphql';
import { DomainError, errorCodes } from '../../src/domain-error.js';
import { StoreUnavailableError } from '../../src/event-store/event-store.js';
import { formatError } from '../../src/graphql/errors.js';

const SECRET = 'lk_sec_do-not-show';

/** As the GraphQL server hands over what a resolver threw. */
const thrownBy = (error: Error) => new GraphQLError(error.message, { originalError: error, path: ['addApp'] });
const answerTo = (error: GraphQLError, code = 'INTERNAL_SERVER_ERROR') =>
  formatError({ message: error.message, path: ['addApp'], extensions: { code, stacktrace: [SECRET] } }, error);

beforeAll(() => Logger.overrideLogger(false));
afterAll(() => Logger.overrideLogger(['error']));

describe('a refusal', () => {
  it.each(errorCodes)('leaves with its code and its sentence: %s', (code) => {
    expect(answerTo(thrownBy(new DomainError(code, 'No.')))).toEqual({
      message: 'No.',
      path: ['addApp'],
      extensions: { code },
    });
  });

  it('takes along what it has to tell, and never its cause', () => {
    const error = new DomainError('UNAVAILABLE', 'Try again.', { recorded: true }, { cause: new Error(SECRET) });
    const answer = answerTo(thrownBy(error));
    expect(answer.extensions).toEqual({ code: 'UNAVAILABLE', recorded: true });
    expect(JSON.stringify(answer)).not.toContain(SECRET);
  });

  it('has the code that it says, even if what it has to tell says another', () => {
    const error = new DomainError('FORBIDDEN', 'No.', { code: 'FINE' });
    expect(answerTo(thrownBy(error)).extensions).toEqual({ code: 'FORBIDDEN' });
  });
});

describe('an error that nobody foresaw (promise: nothing internal leaves)', () => {
  it.each([
    new Error(SECRET),
    new TypeError(SECRET),
    Object.assign(new Error(SECRET), { code: '22021', detail: SECRET }),
  ])('leaves as INTERNAL and with no word of its own (%#)', (error) => {
    const answer = answerTo(thrownBy(error));
    expect(answer).toEqual({
      message: 'Something went wrong here.',
      path: ['addApp'],
      extensions: { code: 'INTERNAL' },
    });
  });
});

describe('a store that cannot be reached', () => {
  it.each([new StoreUnavailableError(SECRET), Object.assign(new Error(SECRET), { code: 'ECONNREFUSED' })])(
    'leaves as UNAVAILABLE and with no word of its own (%#)',
    (error) => {
      const answer = answerTo(thrownBy(error));
      expect(answer.extensions).toEqual({ code: 'UNAVAILABLE' });
      expect(JSON.stringify(answer)).not.toContain(SECRET);
    },
  );
});

describe('a document that is wrong', () => {
  it.each(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT', 'OPERATION_RESOLUTION_FAILURE'])(
    'leaves as bad input with what is wrong: %s',
    (code) => {
      const answer = answerTo(new GraphQLError('Cannot query field "x".'), code);
      expect(answer).toMatchObject({ message: 'Cannot query field "x".', extensions: { code: 'BAD_USER_INPUT' } });
    },
  );
});
