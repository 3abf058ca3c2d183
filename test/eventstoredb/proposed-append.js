import { Buffer } from 'node:buffer';
import { fromUuid } from './recorded-event.js';

/** An event as the client sent it, by either kind of append. */
export function toProposed(message) {
  const properties = message.getMetadataMap();
  return {
    id: fromUuid(message.getId()),
    type: properties.get('type') ?? '',
    contentType: properties.get('content-type') ?? 'application/octet-stream',
    data: Buffer.from(message.getData_asU8()),
    metadata: Buffer.from(message.getCustomMetadata_asU8()),
  };
}

/** 'any', 'stream_exists' or a number, -1 for no stream; the revision goes by another name in a batch append. */
export function toExpected(options) {
  if (options.hasAny()) return 'any';
  if (options.hasStreamExists()) return 'stream_exists';
  if (options.hasNoStream()) return -1;
  return Number(options.hasRevision?.() ? options.getRevision() : options.getStreamPosition());
}
