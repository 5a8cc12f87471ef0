// How long a request to the end-user waits for an answer.

import { now } from '../ticker';

const PATIENCE = 60; // seconds

/** The seconds that are left to answer a request of this time, by the server's clock; the agent's may go otherwise. */
export function secondsLeft(at: string): number {
  const gone = Math.floor((now.value.getTime() - Date.parse(at)) / 1000);
  return PATIENCE - Math.min(PATIENCE, Math.max(0, gone));
}
