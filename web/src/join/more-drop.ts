// Files dropped anywhere on the page, which would otherwise leave it to show
// them.

import { make } from './dom';

/** Shows the words while files are held over the page, and hands over what is dropped. */
export function onDrop(words: string, take: (data: DataTransfer) => void): void {
  const target = make('div', 'drop', make('p', '', words));
  target.hidden = true;
  document.body.append(target);
  const holding = (e: DragEvent) => !!e.dataTransfer?.types.includes('Files');
  const over = (e: DragEvent) => {
    if (!holding(e)) return;
    e.preventDefault();
    e.dataTransfer!.dropEffect = 'copy';
    target.hidden = false;
  };
  document.addEventListener('dragenter', over);
  document.addEventListener('dragover', over);
  document.addEventListener('dragleave', (e) => {
    if (!e.relatedTarget) target.hidden = true; // left the window
  });
  document.addEventListener('drop', (e) => {
    target.hidden = true;
    if (!holding(e)) return;
    e.preventDefault();
    take(e.dataTransfer!);
  });
}
