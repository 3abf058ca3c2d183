/** The value below which a share (0 to 1) of the values lies. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export const median = (values) => quantile(values, 0.5);

export const percent = (share) => `${Math.round(share * 100)} %`;
export const perSecond = (rate) => `${Math.round(rate).toLocaleString('en')}/s`;
export const milliseconds = (time) => `${time.toFixed(1)} ms`;
export const eventsPerSecond = (events, seconds) =>
  `${perSecond(events / seconds)} (${events.toLocaleString('en')} events in ${seconds.toFixed(1)} s)`;
