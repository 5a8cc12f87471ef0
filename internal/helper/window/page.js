// @ts-check
// The helper's window: shows what the helper says, and tells it what the
// person pressed.
import { texts } from './texts.js';

const lang = navigator.languages.map((l) => l.slice(0, 2)).find((l) => l in texts) ?? 'en';
document.documentElement.lang = lang;

/** @type {any} what the helper says of itself */
let view = { phase: 'code', server: '' };
let shown = ''; // which form of the window is there

/** @param {string} key @param {Record<string, string>} [extra] */
function t(key, extra) {
  const keys = view.stopKeys || '';
  const names = { agent: view.agent, organisation: view.organisation, server: view.server, keys, ...extra };
  return (texts[lang][key] ?? key).replace(/\{(\w+)\}/g, (_, name) => names[name] ?? '');
}

/** @param {string} tag @param {object} [props] @param {...(Node | string | false | undefined)} children */
function make(tag, props = {}, ...children) {
  const element = Object.assign(document.createElement(tag), props);
  element.append(...children.filter((c) => c !== false && c !== undefined).map((c) => /** @type {Node | string} */ (c)));
  return element;
}

/** @param {object} command */
function tell(command) {
  return fetch('do', { method: 'POST', body: JSON.stringify(command) }).catch(() => undefined);
}

/** @param {string} key @param {() => void} press @param {string} [className] */
function button(key, press, className = '') {
  const b = /** @type {HTMLButtonElement} */ (make('button', { type: 'button', className }, t(key)));
  b.onclick = (e) => e.isTrusted && press();
  return b;
}

const tick = (/** @type {string} */ name, /** @type {string} */ key) => make('label', { className: 'tick' }, make('input', { type: 'checkbox', id: name }), make('span', {}, t(key)));
const ticked = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (document.getElementById(name)).checked;
const trouble = () => !!view.trouble && make('p', { className: 'trouble', role: 'alert' }, view.trouble);

const forms = {
  code: () => {
    const server = /** @type {HTMLInputElement} */ (make('input', { type: 'text', value: view.server, autocomplete: 'off', spellcheck: false, name: 'server', placeholder: 'help.example.org', required: true }));
    const code = /** @type {HTMLInputElement} */ (make('input', { type: 'text', className: 'code', autocomplete: 'off', spellcheck: false, name: 'code', maxLength: 8, required: true }));
    const form = make('form', {}, make('label', {}, t('code.server'), server), make('label', {}, t('code.code'), code),
      make('menu', {}, button('decline', () => void tell({ do: 'decline' })), make('button', { className: 'main' }, t('code.go'))));
    form.onsubmit = (e) => {
      e.preventDefault();
      void tell({ do: 'pair', server: server.value, code: code.value });
    };
    return [make('h1', {}, t('code.title')), make('p', {}, t('code.text')), trouble(), form];
  },
  permission: () => [make('h1', {}, t('permission.title')), make('p', {}, t('permission.text')), make('menu', {}, button('decline', () => void tell({ do: 'decline' })))],
  pairing: () => [make('p', { className: 'status' }, t('pairing'))],
  ask: () => {
    const allow = button('allow', () => void tell({ do: 'allow', agent: view.agentID, clipboard: ticked('clipboard'), automatic: ticked('automatic'), byClick: ticked('click') }), 'main');
    allow.id = 'allow';
    allow.disabled = true;
    setTimeout(arm, 500); // no press that was meant for something else
    return [
      make('h1', {}, t('ask.title')), make('p', {}, t('ask.text')),
      make('ul', {}, make('li', {}, t('ask.may.1')), make('li', {}, t('ask.may.2')), make('li', {}, t('ask.may.3', { keys: view.stopKeys || t('stop') }))),
      make('p', { className: 'warn' }, t('ask.warn')), trouble(),
      tick('clipboard', 'ask.clipboard'), tick('automatic', 'ask.automatic'), tick('click', 'ask.click'),
      make('p', { id: 'first', className: 'soft' }, t('ask.screen')),
      make('menu', {}, button('decline', () => void tell({ do: 'decline' })), allow),
    ];
  },
  on: () => [
    make('h1', {}, t('on.title')), make('p', { id: 'mode', className: 'status' }), make('p', { id: 'since', className: 'soft' }), make('p', { id: 'more' }),
    make('menu', {}, Object.assign(button('pause', () => void tell({ do: resumes() ? 'resume' : 'pause' })), { id: 'pause' }), button('stop', () => void tell({ do: 'stop' }), 'stop')),
    make('menu', {}, Object.assign(button('look', () => void tell({ do: 'look' })), { id: 'look' })),
    make('div', { id: 'restart', hidden: true }, make('p', {}, t('restart.text')), make('menu', {}, button('restart', () => void tell({ do: 'restart' })))),
    make('p', { className: 'soft' }, view.stopKeys ? t('keys') : t('keys.none')), !!view.clipboard && make('p', { className: 'soft' }, t('clipboard.on')),
  ],
  over: () => [make('h1', {}, t('over.title')), make('p', {}, t('over.text')), trouble()],
  gone: () => [make('h1', {}, t('over.title')), make('p', {}, t('gone.text'))],
};

const resumes = () => view.mode === 'paused' || (view.mode === 'theirs' && view.byClick);

let armed = 0;
function arm() {
  const allow = /** @type {HTMLButtonElement | null} */ (document.getElementById('allow'));
  const first = document.getElementById('first');
  if (!allow || !first) return;
  allow.disabled = !view.screen || Date.now() < armed;
  first.hidden = view.screen;
}

function draw() {
  const phase = view.permission ? 'permission' : view.phase;
  const form = [phase, view.trouble, phase === 'ask' && view.agentID, phase === 'code' && view.server].join('\n');
  if (form !== shown) {
    shown = form;
    armed = Date.now() + 450;
    document.getElementById('view')?.replaceChildren(...forms[phase]().filter((c) => c).map((c) => /** @type {Node} */ (c)));
    document.title = phase === 'on' ? `🔴 ${t('on.title')}` : 'Deskside Helper';
  }
  document.getElementById('server').textContent = view.server ? t('server') + (view.system ? ` · ${view.system}` : '') : '';
  arm();
  if (phase !== 'on') return;
  const mode = document.getElementById('mode');
  mode.textContent = t(`mode.${view.mode}`);
  mode.classList.toggle('on', view.mode === 'on');
  document.getElementById('more').textContent = view.mode === 'theirs' ? t(view.byClick ? 'mode.theirs.click' : 'mode.theirs.rest') : view.mode === 'blind' ? t('mode.blind.text') : '';
  document.getElementById('pause').textContent = t(resumes() ? 'resume' : 'pause');
  document.getElementById('restart').hidden = !view.elevated;
  document.getElementById('look').hidden = view.mode !== 'blind';
  clock();
}

function clock() {
  const since = document.getElementById('since');
  if (!since || !view.since) return;
  const s = Math.max(0, Math.floor((Date.now() - view.since) / 1000));
  since.textContent = t('on.since', { at: new Date(view.since).toLocaleTimeString(lang, { timeStyle: 'short' }), length: `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}` });
}

setInterval(clock, 1000);
const source = new EventSource('view');
source.onmessage = (e) => {
  view = JSON.parse(e.data);
  draw();
};
source.onerror = () => { // the helper is gone
  source.close();
  if (view.phase !== 'over') view = { ...view, phase: 'gone', permission: false };
  draw();
};
