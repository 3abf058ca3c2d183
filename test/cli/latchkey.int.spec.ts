import { latchkey } from '../support/command-line.js';

describe('latchkey', () => {
  it.each([[[]], [['--help']], [['-h']], [['log']], [['log', '--help']]])('lists its commands: %j', async (args) => {
    const { code, stdout, stderr } = await latchkey(args);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ {2}latchkey log copy +copy the event log into another store$/m);
  });

  it.each([['--help'], ['-h']])('tells about a command: %s', async (help) => {
    const { code, stdout, stderr } = await latchkey(['log', 'copy', help]);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Usage: latchkey log copy --from <address> --to <address>');
    expect(stdout).toContain('--json prints the result as JSON');
  });

  it('prints results as JSON where it is asked to', async () => {
    const { code, stdout } = await latchkey(['keys', 'new', '--json']);
    expect(code).toBe(0);
    expect(Object.keys(JSON.parse(stdout))).toEqual(['pepper', 'vault', 'sign', 'evidence']);
  });

  it.each([
    [['lgo', 'copy'], 'There is no such command. "latchkey --help" lists what there is.\n'],
    [['log', 'move'], 'There is no such command. "latchkey --help" lists what there is.\n'],
    [['--from', 'here'], 'There is no such command. "latchkey --help" lists what there is.\n'],
    [['log', 'copy', '--form', 'x'], `Unknown option '--form'. "latchkey log copy --help" tells more.\n`],
    [['log', 'copy', '--to'], `Option '--to <value>' argument missing. "latchkey log copy --help" tells more.\n`],
    [['log', 'copy', 'there'], '"latchkey log copy" takes options only. "latchkey log copy --help" tells more.\n'],
  ])('says what is wrong with %j', async (args, sentence) => {
    expect(await latchkey(args)).toMatchObject({ code: 2, stdout: '', stderr: sentence });
  });
});
