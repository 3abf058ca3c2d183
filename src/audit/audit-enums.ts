import { registerEnumType } from '@nestjs/graphql';
import type { AuditTargetType as TargetType } from '../../projections/audit-trail.js';
import type { AuditAction as Action } from './audit-details.js';

export const AuditAction: { [Type in Action]: Type } = {
  AppAdded: 'AppAdded',
  AppCredentialsViewed: 'AppCredentialsViewed',
  AppDisabled: 'AppDisabled',
  AppActivated: 'AppActivated',
  AppSecretRotated: 'AppSecretRotated',
  AppPermissionsChanged: 'AppPermissionsChanged',
  AppDeleted: 'AppDeleted',
  TokenCreated: 'TokenCreated',
  TokenRevoked: 'TokenRevoked',
  TokenExpired: 'TokenExpired',
  TokenDeleted: 'TokenDeleted',
  AccessDenied: 'AccessDenied',
  AuditTrailExported: 'AuditTrailExported',
  PersonalDataErased: 'PersonalDataErased',
};
registerEnumType(AuditAction, { name: 'AuditAction', description: 'The names of the events.' });

export const AuditTargetType: Record<TargetType, TargetType> = { APP: 'APP', TOKEN: 'TOKEN' };
registerEnumType(AuditTargetType, { name: 'AuditTargetType' });
