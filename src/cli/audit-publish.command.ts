import type { Command } from './command.js';

export const auditPublish: Command = {
  name: 'audit publish',
  summary: 'sign and publish the heads of the audit trails now',
  help: `Usage: latchkey audit publish

Does now what Latchkey does every PUBLISH_AUDIT_HEADS_EVERY: signs the head of each tenant's audit trail that has grown, and sends it to
PUBLISH_AUDIT_HEADS_TO; where nothing is new, the last one again. It wants the settings of the service: DATABASE_URL, KEY_RING, PUBLIC_URL and the like.
It ends with code 1 when a trail is not the continuation of what was published, or a head could not be published.`,
  options: {},

  async run() {
    // Loads the database's client, which takes its time; other commands need not wait for it.
    const { publishHeadsOnce } = await import('../audit/publish-heads-once.js');
    const outcomes = await publishHeadsOnce(process.env);
    const bad = [...outcomes.values()].filter((outcome) => outcome === 'contradicted' || outcome === 'failed');
    return {
      text: [...outcomes].map(([tenantId, outcome]) => `${tenantId}: ${outcome}`).join('\n'),
      json: Object.fromEntries(outcomes),
      failure: bad.length > 0 ? `${bad.length} of ${outcomes.size} heads were not published.` : undefined,
    };
  },
};
