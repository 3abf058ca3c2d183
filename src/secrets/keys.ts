import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Clock } from '../clock.js';
import { Settings } from '../config.js';
import { fingerprintOf, readKeyRing } from './key-ring-file.js';
import { signsWith, type Key, type KeyRing, type PlainPart } from './key-ring.js';
import { currentOf, currentSigningKey, isRetired } from './key-use.js';
import type { SigningAlgorithm, SigningKey } from './signing-key.js';

const LOOK_EVERY = 5_000;

/** The keys of this process. Where they are in a file, a changed file is taken over as it runs. */
@Injectable()
export class Keys implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger(Keys.name);
  #ring: KeyRing;
  #looking: NodeJS.Timeout | undefined;
  #fingerprint = '';
  #problem = '';

  constructor(
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {
    this.#ring = settings.keyRing;
  }

  /** The key for what is new. */
  current(part: 'pepper' | 'vault'): Key {
    const key = currentOf(this.#ring[part], this.clock.now());
    if (!key) throw new Error(`The key ring has no ${part} key that is used by now.`);
    return key;
  }

  /** The key that signs heads of audit trails, `undefined` in a ring of a version that signed none. */
  evidence(): Key | undefined {
    return currentOf(this.#ring.evidence, this.clock.now());
  }

  all(part: PlainPart): readonly Key[] {
    return this.#ring[part];
  }

  find(part: 'pepper' | 'vault', id: string): Key | undefined {
    return this.#ring[part].find((key) => key.id === id);
  }

  /** The key that signs new tokens. */
  signing(alg: SigningAlgorithm): SigningKey {
    const key = currentSigningKey({ alg }, this.#ring.sign, this.clock.now());
    if (!key) throw new Error(`The key ring has no key that signs with ${alg} by now.`);
    return key;
  }

  /** Those that a living token may be signed with: before they sign, so that nobody meets an unknown one, and until the last is dead. */
  published(): SigningKey[] {
    return this.#ring.sign.filter((key) => !isRetired(key, this.#ring.sign, this.clock.now()));
  }

  onApplicationBootstrap(): void {
    if (this.settings.keyRingFile !== null) this.#looking = setInterval(() => void this.look(), LOOK_EVERY).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#looking);
  }

  /** Takes the ring over when its file has changed; the present one stays when that is not good. */
  async look(): Promise<void> {
    const { keyRingFile } = this.settings;
    if (keyRingFile === null) return;
    try {
      await this.#follow(keyRingFile);
      this.#problem = '';
    } catch (error) {
      this.#tell((error as Error).message);
    }
  }

  async #follow(path: string): Promise<void> {
    // Before the file is read: what changes in between shows at the next look.
    const fingerprint = await fingerprintOf(path);
    if (fingerprint === this.#fingerprint) return;

    const { accessTokenAlgorithm: alg } = this.settings;
    const ring = await readKeyRing(path, this.clock.now());
    if (!signsWith(ring, alg, this.clock.now())) throw new Error(`has no key that signs with ${alg} by now`);
    this.#takeOver(ring);
    this.#fingerprint = fingerprint;
  }

  #takeOver(ring: KeyRing): void {
    const missing = missingIn(ring, this.#ring, this.clock.now()).join(', ');
    this.#ring = ring;
    if (missing) this.#logger.warn(`The key ring lacks ${missing} now: what was made with that opens no more.`);
  }

  /** The same problem is told once, not at every look. */
  #tell(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#logger.error(`The file of the key ring ${problem}. The keys stay as they were.`);
  }
}

/** The ids of keys that a ring lacks, or has another key under. A signing key that has retired is not missed. */
function missingIn(ring: KeyRing, before: KeyRing, now: Date): string[] {
  const lost = (part: PlainPart) =>
    before[part].filter((key) => !ring[part].some(({ id, key: bytes }) => id === key.id && bytes.equals(key.key)));
  const unsigned = before.sign.filter(
    (key) => !isRetired(key, before.sign, now) && !ring.sign.some(({ id }) => id === key.id),
  );
  return [...lost('pepper'), ...lost('vault'), ...lost('evidence'), ...unsigned].map(({ id }) => id);
}
