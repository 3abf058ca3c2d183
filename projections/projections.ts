import { appHistoryProjection } from './app-history.js';
import { appsProjection } from './apps.js';
import { auditTrailProjection } from './audit-trail.js';
import type { Projection } from './projection.js';
import { tokensProjection } from './tokens.js';

/** Every read model. */
export const projections: readonly Projection[] = [
  appsProjection,
  tokensProjection,
  auditTrailProjection,
  appHistoryProjection,
];
