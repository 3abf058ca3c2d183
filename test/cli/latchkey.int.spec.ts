import { latchkey } from '../support/command-line.js';

describe('latchkey', () => {
  it.each([[[]], [['--help']], [['-h']], [['log', '--help']]])('lists its commands: %j', async (args) => {
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
    ['projections', 'rebuild'],
    ['audit', 'export'],
    ['keys', 'rotate'],
    ['log', 'copy'],
    ['tokens', 'expire'],
  ])('takes "latchkey %s" for asked wrongly, as a word is missing, and lists what may follow', async (group, word) => {
    const { code, stdout, stderr } = await latchkey([group]);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^A word is missing\.\n\nUsage: latchkey <command>/);
    expect(stderr).toMatch(new RegExp(`^ {2}latchkey ${group} ${word} `, 'm'));
    expect(stderr).not.toMatch(new RegExp(`^ {2}latchkey (?!${group} )`, 'm'));
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
