import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { latchkey } from '../support/command-line.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let directory: string;
let output: string;
let url: string;
let answer: Answer;
let asked: URL[];

const server = createServer((request, response) => {
  asked.push(new URL(request.url ?? '', 'http://service'));
  answer(request, response);
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'latchkey-export-'));
  output = join(directory, 'trail');
  await writeFile(join(directory, 'token'), 'a.b.c\n');
  asked = [];
});

afterEach(() => rm(directory, { recursive: true }));
afterAll(() => new Promise((resolve) => server.close(resolve)));

const line = (position: number) => `{"position":"${position}","id":"entry-${position}"}\n`;
const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => line(from + index)).join('');

const run = (...more: string[]) =>
  latchkey(['audit', 'export', '--url', url, '--token-file', join(directory, 'token'), ...more]);

/** Sends a part and breaks the connection. */
const breakingOff =
  (part: string): Answer =>
  (_request, response) => {
    response.write(part);
    setTimeout(() => response.destroy(), 100);
  };

describe('latchkey audit export', () => {
  it('asks with the token for what the options say, and writes what comes to standard output', async () => {
    answer = (request, response) => response.end(request.headers.authorization === 'Bearer a.b.c' ? lines(1, 3) : '');
    const filters = ['--actor-id', 'a b', '--action', 'AppAdded', '--action', 'AppDeleted', '--text', 'x&y'];
    const ended = await run('--format', 'jsonl', ...filters, '--after', '12');

    expect(ended).toMatchObject({ code: 0, stdout: lines(1, 3), stderr: '' });
    expect([...asked[0]!.searchParams]).toEqual([
      ['format', 'jsonl'],
      ['actorId', 'a b'],
      ['action', 'AppAdded'],
      ['action', 'AppDeleted'],
      ['text', 'x&y'],
      ['after', '12'],
    ]);
  });

  it('keeps whole lines of what breaks off, says so, and goes on behind them', async () => {
    answer = breakingOff(lines(1, 500) + line(501).slice(0, 20));
    const broken = await run('--format', 'jsonl', '--output', output);
    expect(broken).toMatchObject({ code: 1, stdout: '' });
    expect(broken.stderr).toBe('The export is not complete. The connection broke. It goes on with --after 500\n');
    expect(await readFile(output, 'utf8')).toBe(lines(1, 500));
    expect((await stat(output)).mode & 0o777).toBe(0o600);

    answer = (_request, response) => response.end(lines(501, 700));
    expect(await run('--format', 'jsonl', '--output', output, '--resume')).toMatchObject({ code: 0, stderr: '' });
    expect(asked[1]!.searchParams.get('after')).toBe('500');
    expect(await readFile(output, 'utf8')).toBe(lines(1, 700));
  });

  it('goes on behind the last line of CSV', async () => {
    await writeFile(output, 'position,id\r\n7,"a"\r\n');
    answer = (_request, response) => response.end('8,b\r\n');
    expect(await run('--format', 'csv', '--output', output, '--resume')).toMatchObject({ code: 0 });
    expect(asked[0]!.searchParams.get('after')).toBe('7');
    expect(await readFile(output, 'utf8')).toBe('position,id\r\n7,"a"\r\n8,b\r\n');
  });

  it.each<[string, string, string, string]>([
    ['the last line of JSON Lines', 'jsonl', line(1) + line(2).slice(0, 9), line(1)],
    ['the last line of CSV', 'csv', 'position,id\r\n1,a\r\n2,"b', 'position,id\r\n1,a\r\n'],
  ])('goes on with a file that ends within %s', async (_, format, torn, kept) => {
    await writeFile(output, torn);
    answer = (_request, response) => response.end('the rest\n');
    expect(await run('--format', format, '--output', output, '--resume')).toMatchObject({ code: 0, stderr: '' });
    expect(asked[0]!.searchParams.get('after')).toBe('1');
    expect(await readFile(output, 'utf8')).toBe(`${kept}the rest\n`);
  });

  it.each<[string, string, string]>([
    ['nothing of its first line is whole', 'jsonl', line(1).slice(0, 12)],
    ['there is only the heading', 'csv', 'position,id\r\n'],
    ['nothing is whole but the heading', 'csv', 'position,id\r\n1,"a'],
    ['not even the heading is whole', 'csv', 'position,i'],
  ])('begins anew with a file where %s', async (_, format, torn) => {
    await writeFile(output, torn);
    answer = (_request, response) => response.end('all of it\n');
    expect(await run('--format', format, '--output', output, '--resume')).toMatchObject({ code: 0, stderr: '' });
    expect(asked[0]!.searchParams.get('after')).toBeNull();
    expect(await readFile(output, 'utf8')).toBe('all of it\n');
  });

  it('tells no position of an entry that could not be written', async () => {
    answer = (_request, response) => response.end(lines(1, 2_000));
    const full = await run('--format', 'jsonl', '--output', '/dev/full', '--resume');
    expect(full).toMatchObject({
      code: 1,
      stderr: 'The export is not complete. ENOSPC: no space left on device, write\n',
    });
  });

  it('tells why it was refused, and leaves no file', async () => {
    answer = (_request, response) => {
      response.statusCode = 403;
      response.end(JSON.stringify({ errors: [{ message: 'You may not use exportAuditTrail.' }] }));
    };
    const { code, stderr } = await run('--format', 'csv', '--output', output);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'The export is not complete. You may not use exportAuditTrail.\n',
    });
    expect(await readdir(directory)).toEqual(['token']);
  });

  it.each<[string[], RegExp]>([
    [[], /^--format is missing\./],
    [['--format', 'xml'], /^--format must be one of jsonl, csv\./],
    [['--format', 'csv', '--resume'], /^--resume goes with --output, and without --after\./],
    [['--format', 'csv', '--colour', 'x'], /^Unknown option '--colour'/],
  ])('asked wrongly ends with 2: %j', async (more, sentence) => {
    const ended = await run(...more);
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(sentence) });
    expect(asked).toEqual([]);
  });

  it('does not write over a file', async () => {
    await writeFile(output, 'something else\n');
    const [over, behind] = [
      await run('--format', 'jsonl', '--output', output),
      await run('--format', 'jsonl', '--output', output, '--resume'),
    ];
    expect([over, behind]).toMatchObject([
      { code: 2, stderr: expect.stringContaining('exists already') },
      { code: 2, stderr: expect.stringContaining('is no export as jsonl') },
    ]);
    expect(await readFile(output, 'utf8')).toBe('something else\n');
  });
});

describe.each([
  ['audit export', ['--format', 'jsonl']],
  ['tokens expire', []],
])('latchkey %s', (command, more) => {
  const withToken = (file: string) => latchkey([...command.split(' '), '--url', url, '--token-file', file, ...more]);

  it.each([
    ['a file that is not there', null, /cannot be read: ENOENT\.$/],
    ['an empty file', '\n', /must hold one access token and nothing else\.$/],
    ['two lines', 'a.b.c\nd.e.f\n', /must hold one access token and nothing else\.$/],
    ['a whole header', 'Bearer a.b.c\n', /must hold one access token and nothing else\.$/],
  ])('takes %s of a token for asked wrongly, names the file, and asks nobody', async (_what, text, sentence) => {
    const file = join(directory, 'another');
    if (text !== null) await writeFile(file, text);
    const { code, stdout, stderr } = await withToken(file);

    expect({ code, stdout, asked }).toEqual({ code: 2, stdout: '', asked: [] });
    expect(stderr.trimEnd()).toMatch(sentence);
    expect(stderr).toContain(`${file} `);
    expect(stderr).not.toMatch(/a\.b\.c/);
  });
});
