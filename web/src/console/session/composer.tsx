// The field to write in, at the bottom right: messages, notes for agents, and
// new texts for messages.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { read, write } from '../prefs';
import { t } from '../say';
import { Icon } from '../ui/icon';
import { AttachButton, Refusals } from './attach';
import { EmojiPicker } from './emoji';
import { type Room, useRoom, type Writing } from './room';

const MAX_TEXT = 4000; // characters of Unicode, as the server counts
const TYPING_STOPS = 5000; // milliseconds of silence until writing has stopped

/** Enter on a keyboard of glass makes a line: there is no Shift to hold. */
const touch = matchMedia('(hover: none) and (pointer: coarse)');

export function Composer() {
  const room = useRoom();
  const mode = room.writing.value;
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText, forget] = useDraft(room, mode);
  const over = [...text.trim()].length - MAX_TEXT;
  const early = mode.as === 'message' && room.waiting;
  const typing = useTyping(room);
  useGrowing(field, text);
  useFocusOnMode(field, mode);

  const change = (value: string) => {
    setText(value);
    if (mode.as === 'message' && room.active) typing(value.trim() !== '');
  };
  const send = async () => {
    if (!text.trim() || over > 0 || early) return;
    typing(false);
    if (await deliver(room, mode, text.trim())) forget();
    field.current?.focus();
  };
  return (
    <form class={`composer ${mode.as}`} onSubmit={(e) => { e.preventDefault(); void send(); }}>
      {mode.as !== 'message' && <Mode room={room} mode={mode} />}
      <Refusals />
      {over > 0 && <p class="hint bad" role="status">{t('composer.long', { n: over })}</p>}
      {early && <p class="hint">{t('composer.early')}</p>}
      <div class="composer-row">
        <div class="composer-tools">
          <EmojiPicker onPick={(emoji) => change(inserted(field.current!, emoji))} />
          <AttachButton />
          <button type="button" class="quiet round" aria-label={t('composer.link')} title={t('composer.link')} disabled={!room.active} onClick={() => (room.dialog.value = 'link')}><Icon name="link" /></button>
          <button type="button" class="quiet round" aria-label={t('composer.note')} title={t('composer.note')} aria-pressed={mode.as === 'note'}
            onClick={() => (room.writing.value = mode.as === 'note' ? { as: 'message' } : { as: 'note' })}><Icon name="note" /></button>
        </div>
        <label class="vh" for="message">{t(mode.as === 'note' ? 'composer.note.label' : 'composer.message')}</label>
        <textarea id="message" ref={field} rows={1} dir="auto" value={text} placeholder={t(`composer.placeholder.${mode.as}`)}
          onInput={(e) => change(e.currentTarget.value)} onBlur={() => typing(false)}
          onPaste={(e) => room.active && e.clipboardData && paste(room, e)} onKeyDown={(e) => onKey(e, room, text, send)} />
        <button class="send" aria-label={t('composer.send')} title={t('composer.send')} disabled={early}><Icon name={mode.as === 'edit' ? 'check' : 'send'} /></button>
      </div>
    </form>
  );
}

/** Sends the pictures of a paste. */
function paste(room: Room, e: ClipboardEvent): void {
  if (!room.files.paste(e.clipboardData!)) return;
  e.preventDefault();
  room.said.value++;
}

/** Says what the field writes when it is no message, with the way back. */
function Mode({ room, mode }: { room: Room; mode: Writing }) {
  return (
    <p class="mode">
      <Icon name={mode.as === 'note' ? 'note' : 'edit'} /><span>{t(`composer.mode.${mode.as}`)}</span>
      <button type="button" class="inline" onClick={() => (room.writing.value = { as: 'message' })}>{t('cancel')}</button>
    </p>
  );
}

/** Hands a text over; false where it has to stay in the field. */
async function deliver(room: Room, mode: Writing, text: string): Promise<boolean> {
  if (mode.as === 'message') {
    room.say(text);
    return true;
  }
  const ack = mode.as === 'note' ? await room.ask('note', { text }) : await room.ask('edit', { message: mode.seq, text });
  if (ack) room.writing.value = { as: 'message' };
  return !!ack;
}

function onKey(e: KeyboardEvent, room: Room, text: string, send: () => void): void {
  const composing = e.isComposing || e.keyCode === 229; // Safari ends a composition before its key
  if (e.key === 'Escape' && room.writing.value.as !== 'message') {
    e.stopPropagation();
    room.writing.value = { as: 'message' };
  } else if (e.key === 'ArrowUp' && text === '' && room.writing.value.as === 'message') {
    editLast(room, e);
  } else if (e.key === 'Enter' && !e.shiftKey && !composing && !touch.matches) {
    e.preventDefault();
    send();
  }
}

/** Opens the last own message for editing, as messengers do with the arrow. */
function editLast(room: Room, e: Event): void {
  const last = room.conversation.items.findLast((i) => i.kind === 'message' && i.by === room.talk.you);
  if (!last || last.kind !== 'message' || last.withdrawn || !room.active || Date.now() - Date.parse(last.at) > 15 * 60_000) return;
  e.preventDefault();
  room.writing.value = { as: 'edit', seq: last.seq };
}

/** The field's text in each mode, kept in this browser until it is sent. */
function useDraft(room: Room, mode: Writing): [text: string, set: (text: string) => void, forget: () => void] {
  const kept = mode.as === 'edit' ? '' : `deskside-${mode.as}-${room.id}`;
  const slot = mode.as === 'edit' ? `edit ${mode.seq}` : mode.as;
  const [texts, setTexts] = useState<Record<string, string | undefined>>({});
  const change = (value: string | undefined) => {
    if (kept) write(kept, value ?? '');
    setTexts((all) => ({ ...all, [slot]: value }));
  };
  const before = mode.as === 'edit' ? room.conversation.message(mode.seq)?.text : read(kept);
  return [texts[slot] ?? before ?? '', change, () => change(undefined)];
}

/** Tells the end-user that the agent writes, until they stop. */
function useTyping(room: Room): (on: boolean) => void {
  const silence = useRef(0);
  return (on) => {
    clearTimeout(silence.current);
    room.talk.setTyping(on);
    if (on) silence.current = window.setTimeout(() => room.talk.setTyping(false), TYPING_STOPS);
  };
}

/** Makes the field as high as its text; the style sheet says up to where. */
function useGrowing(field: { current: HTMLTextAreaElement | null }, text: string): void {
  useLayoutEffect(() => {
    const { style } = field.current!;
    style.height = '';
    if (text) style.height = `${field.current!.scrollHeight + 2}px`; // with its border
  }, [text]);
}

/** Moves the focus to the field when it is to write something else. */
function useFocusOnMode(field: { current: HTMLTextAreaElement | null }, mode: Writing): void {
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) field.current!.focus();
    first.current = false;
  }, [mode]);
}

/** Returns the field's text with something put where the cursor is. */
function inserted(field: HTMLTextAreaElement, text: string): string {
  field.setRangeText(text, field.selectionStart, field.selectionEnd, 'end');
  field.focus();
  return field.value;
}
