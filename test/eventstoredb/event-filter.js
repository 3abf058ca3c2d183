/** Whether an event passes the filter of a subscription; no prefix at all lets nothing pass. */
export function toFilter(options) {
  if (!options.hasFilter()) return () => true;
  const filter = options.getFilter();
  if (filter.hasStreamIdentifier()) return by('stream', filter.getStreamIdentifier());
  return by('type', filter.getEventType());
}

function by(property, expression) {
  if (expression.getRegex()) {
    const pattern = new RegExp(expression.getRegex());
    return (event) => pattern.test(event[property]);
  }
  const prefixes = expression.getPrefixList();
  return (event) => prefixes.some((prefix) => event[property].startsWith(prefix));
}
