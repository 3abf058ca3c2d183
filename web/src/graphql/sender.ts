import type { Session } from '../session/session.js';
import { RequestError } from './request-error.js';

export type Sender = (address: string, request?: RequestInit) => Promise<Response>;

/** Asks the service. While the sign-in has expired a request waits, and goes on once somebody has signed in again. */
export function createSender(session: Session): Sender {
  let isAccepted = false;

  return async (address, request = {}) => {
    const token = await session.accessToken();
    let response = await send(address, request, token);
    // A sign-in that was never good is not one that has expired.
    if (response.status === 401 && isAccepted) {
      session.refuse(token);
      response = await send(address, request, await session.accessToken());
    }
    isAccepted ||= response.ok;
    return response;
  };
}

async function send(address: string, request: RequestInit, token: string): Promise<Response> {
  try {
    return await fetch(address, { ...request, headers: { ...request.headers, authorization: `Bearer ${token}` } });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw RequestError.unreachable(error);
  }
}
