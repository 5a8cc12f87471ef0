// What the server hands to the Console.

export interface Agent {
  id: string;
  name: string;
  email: string;
  role: 'administrator' | 'agent';
}

/** The JSON in the page. */
export interface Boot {
  agent: Agent;
  lang: string;
  /** The languages that the Console can be shown in. */
  langs: string[];
  org: string;
  texts: Record<string, string>;
}

/** Reads the JSON in the page. */
export function readBoot(): Boot {
  return JSON.parse(document.getElementById('boot')!.textContent!) as Boot;
}
