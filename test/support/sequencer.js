import Sequencer from '@jest/test-sequencer';

const TAKES_LONG = /\.(int|e2e|browser)\.spec\.ts$/;

/**
 * Unit specs, which take a second each, come last, so that no worker ends long before the other. Jest goes by the size of a
 * file where it has not measured it yet, and the files that run a whole contract are the smallest.
 */
export default class UnitSpecsLast extends Sequencer {
  sort(tests) {
    const isUnit = ({ path }) => !TAKES_LONG.test(path);
    return super.sort(tests).toSorted((one, other) => isUnit(one) - isUnit(other));
  }
}
