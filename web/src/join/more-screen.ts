// Keeps the whole page above a phone's keyboard where the browser lays the
// keyboard over it (Safari on iOS): the page is as high as what can be seen.

/** Makes the page follow the visible part of the screen. */
export function followScreen(): void {
  const view = visualViewport;
  if (!view) return;
  const fit = () => {
    if (view.scale > 1.01) return; // somebody looks closer: that moves nothing
    const covered = document.documentElement.clientHeight - view.height > 1;
    document.body.style.height = covered ? `${view.height}px` : '';
    if (covered) scrollTo(0, 0);
  };
  view.addEventListener('resize', fit);
  fit();
}
