// The few things that the page does with elements. Text only ever becomes
// text: nothing here parses HTML, and the page's policy would refuse it.

type Child = Node | string;

/** Returns the page's element with this id. It is in the template. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  return document.getElementById(id) as E;
}

/** Makes an element with a class and children. */
export function make<T extends keyof HTMLElementTagNameMap>(tag: T, cls = '', ...children: Child[]): HTMLElementTagNameMap[T] {
  const element = document.createElement(tag);
  if (cls) element.className = cls;
  element.append(...children);
  return element;
}

/** Makes a button that is not one for sending a form. */
export function button(label: string, press: () => void): HTMLButtonElement {
  const b = make('button', '', label);
  b.type = 'button';
  b.onclick = press;
  return b;
}

const SVG = 'http://www.w3.org/2000/svg';

/** Makes a picture out of one of the page's symbols; label is what it says. */
export function icon(name: string, label: string): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Shows what belongs to a state and hides what belongs to others. */
export function show(state: string): void {
  for (const e of document.querySelectorAll<HTMLElement>('[data-when]')) {
    e.hidden = !e.dataset.when!.split(' ').includes(state);
  }
}

/** Shows text in an element, or hides the element where there is none. */
export function tell(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
  element.hidden = !text;
}
