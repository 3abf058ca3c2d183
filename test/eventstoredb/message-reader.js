import { Buffer } from 'node:buffer';

const PREFIX = 5;

/** Cuts what arrives on a call into gRPC messages: a flag, four bytes of length, the message. */
export class MessageReader {
  #chunks = [];
  #length = 0;
  #wanted = PREFIX;
  #limit;

  constructor(limit) {
    this.#limit = limit;
  }

  /** The messages that the chunk completes, or null when one is larger than the limit. */
  push(chunk) {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const messages = [];
    while (this.#length >= this.#wanted) {
      const bytes = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
      this.#chunks = [bytes];
      const size = bytes.readUInt32BE(1);
      if (size > this.#limit) return null;
      this.#wanted = PREFIX + size;
      if (bytes.length < this.#wanted) break;
      messages.push(bytes.subarray(PREFIX, this.#wanted));
      this.#keep(bytes.subarray(this.#wanted));
    }
    return messages;
  }

  #keep(rest) {
    this.#chunks = [rest];
    this.#length = rest.length;
    this.#wanted = PREFIX;
  }
}

export function frame(messages) {
  const size = messages.reduce((sum, message) => sum + PREFIX + message.length, 0);
  const bytes = Buffer.allocUnsafe(size);
  let offset = 0;
  for (const message of messages) {
    bytes[offset] = 0;
    bytes.writeUInt32BE(message.length, offset + 1);
    bytes.set(message, offset + PREFIX);
    offset += PREFIX + message.length;
  }
  return bytes;
}
