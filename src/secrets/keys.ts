import { generateKeyRing } from './key-ring.js';

const [command, ...rest] = process.argv.slice(2);

// `npm run --silent keys -- new > key-ring.json`
if (command === 'new' && rest.length === 0) {
  console.log(generateKeyRing());
} else {
  console.error('Usage: keys new    prints a new key ring for the setting KEY_RING');
  process.exitCode = 1;
}
