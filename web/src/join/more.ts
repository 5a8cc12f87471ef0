// What the chat can do beyond writing and reading. It is a file of its own,
// loaded after the page, so that the page itself arrives in one round trip.

import { composerTools } from './more-emoji';
import { messageMenu } from './more-menu';
import { sound } from './more-sound';
import { css } from './more-style';

const chat = globalThis.desksideChat!;

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);
document.adoptedStyleSheets.push(sheet);

messageMenu(chat);
composerTools(chat);
sound(chat);
