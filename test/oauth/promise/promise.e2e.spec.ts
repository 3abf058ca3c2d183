import { jest } from '@jest/globals';
import { flawsOf } from './history.js';
import { install, runCycles, type Installation } from './installation.js';

/**
 * The promise: once the mutation that stops a credential has answered, no introspection that starts afterwards, on any instance,
 * says that it is active. And a new one is good as soon as its creation is answered.
 */
jest.setTimeout(180_000);

const LIVES = Number(process.env['LIVES'] ?? 300);

let installation: Installation;

beforeAll(async () => {
  installation = await install();
});

afterAll(() => installation.setup.end());

describe('two instances over one PostgreSQL', () => {
  it(`keep the promise through ${LIVES} lives of credentials under load`, async () => {
    const witness = installation.witness();
    await runCycles(installation, witness, LIVES);
    expect(flawsOf(witness.history)).toEqual([]);
    expect(witness.count('active')).toBeGreaterThan(2 * LIVES);
    expect(witness.count('inactive')).toBeGreaterThan(1.9 * LIVES);
  });
});
