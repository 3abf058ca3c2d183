import { constants } from 'node:http2';
import { OK, messageTooLarge } from './grpc-error.js';
import { MessageReader, frame } from './message-reader.js';

// What the server was configured with when it was recorded: 5 MB pass, 20 MB do not.
const MAX_MESSAGE = 16 * 1024 * 1024;

/**
 * One gRPC call. Headers go out with the first message, so a call that ends before it has trailers only, as recorded.
 * Set `onMessage`, `onHalfClose`, `onDrain` and `onClose` to take part in it.
 */
export class GrpcCall {
  onMessage = () => {};
  onHalfClose = () => {};
  onDrain = () => {};
  onClose = () => {};
  /** The client reads more slowly than it is written to: wait for `onDrain`. */
  blocked = false;
  ended = false;
  #stream;

  constructor(stream) {
    this.#stream = stream;
    const reader = new MessageReader(MAX_MESSAGE);
    stream.on('data', (chunk) => this.#receive(reader, chunk));
    // What a client gives up ends too, and is no half-close: it may have said only half.
    stream.on('end', () => this.ended || stream.aborted || stream.destroyed || this.onHalfClose());
    stream.on('drain', () => {
      this.blocked = false;
      if (!this.ended) this.onDrain();
    });
    stream.on('error', () => {});
    stream.on('close', () => {
      this.ended = true;
      this.onClose();
    });
  }

  send(messages) {
    if (this.ended || messages.length === 0) return;
    this.#respond();
    this.blocked = !this.#stream.write(frame(messages));
  }

  end() {
    this.#finish({ 'grpc-status': String(OK) });
  }

  fail({ code, message, trailers }) {
    const readable = Object.entries(trailers).map(([name, value]) => [name, printable(value)]);
    this.#finish({
      'grpc-status': String(code),
      ...(message && { 'grpc-message': encodeURI(message) }),
      ...Object.fromEntries(readable),
    });
  }

  /** As a server does that is being stopped: the stream is reset with no status. */
  abandon() {
    this.ended = true;
    this.#respond();
    this.#stream.close(constants.NGHTTP2_NO_ERROR);
  }

  /** Takes the whole connection down, with every call on it. */
  cutConnection() {
    this.#stream.session?.destroy();
  }

  #receive(reader, chunk) {
    if (this.ended) return;
    const messages = reader.push(chunk);
    if (!messages) return this.fail(messageTooLarge());
    // What several requests are answered goes out in one write.
    this.#stream.cork();
    for (const message of messages) this.onMessage(message);
    this.#stream.uncork();
  }

  #respond() {
    if (this.#stream.headersSent || this.#stream.destroyed) return;
    this.#stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
  }

  #finish(trailers) {
    if (this.ended) return;
    this.ended = true;
    if (this.#stream.destroyed) return;
    if (!this.#stream.headersSent) {
      this.#stream.respond({ 'content-type': 'application/grpc', ...trailers }, { endStream: true });
    } else {
      this.#stream.once('wantTrailers', () => this.#stream.sendTrailers(trailers));
      this.#stream.end();
    }
    // The rest of what the client sends is not read.
    this.#stream.resume();
  }
}

// A header holds no letters beyond Latin.
const printable = (text) => (/^[\x20-\x7e]*$/.test(text) ? text : encodeURI(text));
