// What the server hands to the page, and what the page hands to more.ts.

/** Where somebody stands who opened the page; the server decides. */
export type State = 'waiting' | 'in-use' | 'knocking' | 'admitted' | 'here' | 'ended';

/** The JSON in the page. Pages of dead links have none, and no script. */
export interface Boot {
  state: State;
  /** The session; missing until somebody takes part or knocked. */
  session?: string;
  /** The reader's own participant id. */
  you?: string;
  /** The token of the session link, where the page is one. */
  token?: string;
  agent: string;
  org: string;
  lang: string;
  /** The address of the organisation's picture, where it has one. */
  logo?: string;
  /** The address of more.js. */
  more: string;
  texts: Record<string, string>;
}
