import { createContext, use } from 'react';
import type { Role, WhoAmIQuery } from './graphql/operations.generated.js';
import type { Requester } from './graphql/requester.js';
import type { Sender } from './graphql/sender.js';
import type { Session } from './session/session.js';

export type Me = WhoAmIQuery['me'];

/** What every part of the page needs: who is there, and how to ask. */
export type Service = { me: Me; request: Requester; send: Sender; session: Session };

export const ServiceContext = createContext<Service | null>(null);

export function useService(): Service {
  const service = use(ServiceContext);
  if (!service) throw new Error('There is no service around this part of the page.');
  return service;
}

/** Who may do what here. The service decides for itself; the page only leaves out what it would refuse. */
const rules = {
  changeApps: ['ADMINISTRATOR', 'DEVELOPER'],
  changePermissions: ['ADMINISTRATOR'],
  createTokens: ['ADMINISTRATOR', 'DEVELOPER'],
  changeAnyToken: ['ADMINISTRATOR'],
  seeAllTokens: ['ADMINISTRATOR', 'AUDITOR'],
  seeThePast: ['ADMINISTRATOR', 'AUDITOR'],
  seeStatus: ['ADMINISTRATOR', 'AUDITOR'],
  mendReadModels: ['ADMINISTRATOR'],
} as const satisfies Record<string, Role[]>;

export type Right = keyof typeof rules;

export const mayDo = ({ roles }: Me, right: Right): boolean =>
  roles.some((role) => (rules[right] as readonly Role[]).includes(role));

export function useRight(right: Right): boolean {
  return mayDo(useService().me, right);
}
