// Starts the Console in its page.

import { render } from 'preact';
import { App } from './app';
import { startAttention } from './attention';
import { readBoot } from './boot';
import { startList } from './live';
import { followTheme } from './prefs';
import { startRouter } from './router';
import { speak } from './say';
import { armSound } from './sound';
import { startTicker } from './ticker';

const boot = readBoot();
speak(boot.texts, boot.lang);
followTheme();
startRouter();
startTicker();
startList();
startAttention(boot.agent.id);
armSound();
render(<App boot={boot} />, document.getElementById('app')!);
