import { appendContract } from './append.contract.js';
import type { ContractStore } from './contract-store.js';
import { followContract } from './follow.contract.js';
import { loadContract } from './load.contract.js';

/**
 * What every store must hold (the port's promises), through nothing but the port.
 * It asks for no more than EventStoreDB can answer: that a second send is called a duplicate, or that ids which stand before the
 * expected revision are known again, is more than it tells, and so is left to the specs of the adapters that can.
 */
export function eventStoreContract(name: string, open: () => Promise<ContractStore>): void {
  describe(name, () => {
    let log: ContractStore;

    beforeAll(async () => {
      log = await open();
    });
    afterAll(() => log.remove());

    describe('writing and reading', () => appendContract(() => log));
    describe('following', () => followContract(() => log));
    describe('under load', () => loadContract(() => log));
  });
}
