import { Injectable } from '@nestjs/common';
import { Keys } from '../secrets/keys.js';

/** RFC 7517: the keys that access tokens are signed with, soon to be signed with, or were signed with until a while ago. */
@Injectable()
export class JwksEndpoint {
  constructor(private readonly keys: Keys) {}

  answer() {
    return { keys: this.keys.published().map(({ publicJwk }) => publicJwk) };
  }
}
