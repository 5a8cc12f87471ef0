// What the page can do beyond writing and reading. It is a file of its own,
// loaded after the page, so that the page itself arrives in one round trip.

import { composerTools } from './more-emoji';
import { FileBubbles } from './more-file';
import { Files } from './more-files';
import { linked } from './linkify';
import { menuButton, reactions } from './more-menu';
import { sound } from './more-sound';
import { dress } from './more-style';
import { door } from './door';
import { showEnd } from './ended';
import { views } from './more-view';
import { followScreen } from './more-screen';
import { doubt, showLogo } from './more-waiting';
import { People } from './people';
import { Unread } from './unread';
import de from '../../texts/more.de.json';
import en from '../../texts/more.en.json';
import filesDe from '../../texts/files.de.json';
import filesEn from '../../texts/files.en.json';
import joinDe from '../../texts/join.de.json';
import joinEn from '../../texts/join.en.json';
import linesDe from '../../texts/lines.de.json';
import linesEn from '../../texts/lines.en.json';

const chat = globalThis.desksideChat!;
const { boot } = chat;
// The page has only those that a first message needs.
Object.assign(boot.texts, { en: { ...joinEn, ...linesEn, ...filesEn, ...en }, de: { ...joinDe, ...linesDe, ...filesDe, ...de } }[boot.lang]);
const { t } = chat;

/** Adds to the chat, once this page takes part in it. */
function furnish(): void {
  const files = new Files(chat, t);
  const bubbles = new FileBubbles(chat, t, files);
  chat.around.more = { linked, file: (line) => bubbles.of(line), reactions, tools: (line) => menuButton(chat, t, line) };
  chat.unread = new Unread(chat, t);
  new People(chat, t);
  if (boot.state === 'ended') showEnd(chat, t, files);
  else {
    composerTools(chat, t);
    void files.take();
    sound(chat, t);
    views(chat, t);
  }
  chat.log.paint();
}

followScreen();
void dress().then(() => {
  chat.furnish = furnish;
  if (boot.logo) showLogo(boot.logo);
  if (chat.client) furnish();
  else if (boot.state === 'waiting') doubt(chat, t);
  else door(chat, t);
});
