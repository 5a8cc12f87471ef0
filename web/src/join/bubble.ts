// How one line of the conversation looks.

import { button, icon, make } from './dom';
import type { Attachment } from '../lib/conversation';
import { regional } from '../lib/regional';

export type Mark = '' | 'sending' | 'sent' | 'delivered' | 'read' | 'failed';

/** One thing said, or one that happened. */
export interface Line {
  /** The same as long as the line is the same, from being written on. */
  key: string;
  /** The event's number; 0 until the server has stored it. */
  seq: number;
  at: Date;
  /** What happened, told by nobody. */
  system: boolean;
  own: boolean;
  /** Who said it. */
  name: string;
  text: string;
  /** What is sent, where the text is its name. */
  file?: Attachment;
  /** The text is one web address. */
  link: boolean;
  edited: boolean;
  withdrawn: boolean;
  /** Emoji, and how often each. */
  reactions: [emoji: string, count: number][];
  /** The reader's own reaction, or ''. */
  reaction: string;
  /** How far an own message has come. */
  mark: Mark;
}

/** What a bubble needs from the page. */
export interface Surroundings {
  t(key: string, params?: Record<string, string | number>): string;
  lang: string;
  retry(line: Line): void;
  discard(line: Line): void;
  /** What more.ts adds to bubbles, once it is there. */
  more?: {
    /** Makes links of the addresses in a line. */
    linked(line: Line): (Node | string)[];
    /** Makes what shows a line's file. */
    file(line: Line): HTMLElement;
    /** Makes what stands below the text. */
    reactions(line: Line): HTMLElement[];
    /** Makes what stands beside the time. */
    tools(line: Line): HTMLElement[];
  };
}

const pictures: Partial<Record<Mark, string>> = { sending: 'sending', sent: 'sent', delivered: 'both', read: 'both' };

/** Fills an element with a line; joined says that the one before is of the same person. */
export function draw(node: HTMLElement, line: Line, joined: boolean, around: Surroundings): void {
  const time = clock(line.at, around.lang);
  if (line.system) {
    node.className = 'sys';
    node.replaceChildren(line.text, ' ', time);
    return;
  }
  node.className = `msg${line.own ? ' own' : ''}${joined ? ' more' : ''}`;
  node.replaceChildren(speaker(line, joined), said(line, around), ...(around.more?.reactions(line) ?? []), foot(line, time, around));
}

/** Names who speaks: for eyes once, for screen readers at each message. */
function speaker(line: Line, joined: boolean): HTMLElement {
  return make('b', line.own || joined ? 'vh' : '', line.name);
}

function said(line: Line, around: Surroundings): HTMLElement {
  if (line.file && around.more) return around.more.file(line);
  const linked = !line.withdrawn && around.more?.linked(line);
  const text = make('div', line.withdrawn ? 'text gone' : 'text', ...(linked || [line.text]));
  text.dir = 'auto';
  return text;
}

function foot(line: Line, time: HTMLElement, around: Surroundings): HTMLElement {
  const { t } = around;
  const meta = make('div', 'meta');
  if (line.mark === 'failed') {
    meta.classList.add('failed');
    meta.append(t('mark.failed'), button(t('mark.retry'), () => around.retry(line)), button(t('mark.discard'), () => around.discard(line)));
    return meta;
  }
  meta.append(...(around.more?.tools(line) ?? []));
  if (line.edited) meta.append(t('message.edited'));
  meta.append(time);
  const picture = pictures[line.mark];
  if (picture) {
    const svg = icon(picture, t(`mark.${line.mark}`));
    if (line.mark === 'read') svg.classList.add('read');
    meta.append(svg);
  }
  return meta;
}

/** Makes the time of day, with the full date behind it. */
function clock(at: Date, lang: string): HTMLTimeElement {
  const time = make('time', '', at.toLocaleTimeString(regional(lang), { timeStyle: 'short' }));
  time.dateTime = at.toISOString();
  time.title = at.toLocaleString(regional(lang), { dateStyle: 'full', timeStyle: 'medium' });
  return time;
}
