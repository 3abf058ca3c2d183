export type DevelopmentUser = { id: string; name: string; role: 'administrator' | 'developer' | 'auditor' };

const developmentTenant = 'demo';

export const developmentUsers: readonly DevelopmentUser[] = [
  { id: 'ada', name: 'Ada Lovelace', role: 'administrator' },
  { id: 'dev', name: 'Dev Okafor', role: 'developer' },
  { id: 'aud', name: 'Audrey Lind', role: 'auditor' },
];

export const developmentUserIds = developmentUsers.map(({ id }) => id);

export function findDevelopmentUser(id: string | undefined): DevelopmentUser | undefined {
  return developmentUsers.find((user) => user.id === id);
}

/** The claims about a user, under the names that OIDC_ROLES_CLAIM and OIDC_TENANT_CLAIM have by default. */
export function claimsOf({ name, role }: DevelopmentUser): { name: string; roles: string[]; tenant_id: string } {
  return { name, roles: [role], tenant_id: developmentTenant };
}
