import { Buffer } from 'node:buffer';
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

const PREFIX = 8;

/**
 * What was appended, one frame an append: lengths of header and body, a JSON header, the events as they are sent.
 * A frame is one write, so SIGKILL leaves it whole or torn at the very end, where the next start cuts it off.
 */
export class EventFile {
  #descriptor;

  constructor(path) {
    this.#descriptor = openSync(path, 'a+');
  }

  /** Every whole frame as [header, body]. */
  read() {
    const bytes = Buffer.alloc(fstatSync(this.#descriptor).size);
    for (let read = 0; read < bytes.length;) read += readSync(this.#descriptor, bytes, read, bytes.length - read, read);
    const frames = [];
    let offset = 0;
    while (offset + PREFIX <= bytes.length) {
      const bodyStart = offset + PREFIX + bytes.readUInt32BE(offset);
      const end = bodyStart + bytes.readUInt32BE(offset + 4);
      if (end > bytes.length) break;
      frames.push([JSON.parse(bytes.toString('utf8', offset + PREFIX, bodyStart)), bytes.subarray(bodyStart, end)]);
      offset = end;
    }
    ftruncateSync(this.#descriptor, offset);
    return frames;
  }

  write(header, messages) {
    const json = Buffer.from(JSON.stringify(header));
    const body = Buffer.concat(messages);
    const prefix = Buffer.alloc(PREFIX);
    prefix.writeUInt32BE(json.length, 0);
    prefix.writeUInt32BE(body.length, 4);
    const bytes = Buffer.concat([prefix, json, body]);
    for (let written = 0; written < bytes.length;) written += writeSync(this.#descriptor, bytes, written);
  }

  close() {
    closeSync(this.#descriptor);
  }
}
