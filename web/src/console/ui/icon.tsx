// The Console's icons: strokes of one width on a grid of 24, drawn for it.

const paths = {
  chat: 'M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z',
  history: 'M4 12a8 8 0 1 0 2.6-5.9M4 4v4.5h4.5M12 8v4.5l3 1.8',
  search: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5L20 20',
  copy: 'M9 9h9a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2zM4 15V5a2 2 0 0 1 2-2h9',
  phone: 'M8 3h8a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM11 18h2',
  mail: 'M4 6h16v12H4zM4 7l8 6 8-6',
  clock: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM12 7.5V12l3 2',
  renew: 'M19 12a7 7 0 1 1-2-4.9L19.5 9.5M19.5 4.5v5h-5',
  stop: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM6.2 6.2l11.6 11.6',
  door: 'M13 4H6v16h7M10 12h11M17.5 8.5L21 12l-3.5 3.5',
  knock: 'M6 21V4a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v17M3.5 21h17M14.5 12.5v.1',
  person: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4.5 20.5c.6-4 3.5-6 7.5-6s6.9 2 7.5 6',
  smile: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM8.5 14c1.7 2.7 5.3 2.7 7 0M9 9.5v.1M15 9.5v.1',
  link: 'M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7L12 17.7',
  clip: 'M20 11.5l-8.2 8.2a5 5 0 0 1-7.1-7.1l8.6-8.6a3.4 3.4 0 0 1 4.8 4.8l-8.5 8.5a1.8 1.8 0 0 1-2.5-2.5l7.6-7.6',
  note: 'M5 4h14v10l-6 6H5zM13 20v-6h6M8.5 8.5h7M8.5 12h3',
  send: 'M4 4l17 8-17 8 3-8zM7 12h6',
  more: 'M5.5 12v.1M12 12v.1M18.5 12v.1',
  edit: 'M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19zM14 6.5l3.5 3.5',
  undo: 'M9 5L4.5 9.5 9 14M5 9.5h8.5a5.5 5.5 0 0 1 0 11H10',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  down: 'M6 9.5l6 6 6-6',
  bell: 'M6 17V11a6 6 0 0 1 12 0v6l1.5 1.5h-15zM10 21h4',
  mute: 'M4 9.5v5h3.5L12 19V5L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5',
  sound: 'M4 9.5v5h3.5L12 19V5L7.5 9.5zM15.5 9.5a4 4 0 0 1 0 5M18 7a7.5 7.5 0 0 1 0 10',
  warn: 'M12 4l9 16H3zM12 10v4.5M12 17.3v.1',
  eye: 'M2.5 12c2.2-4.3 5.4-6.5 9.5-6.5s7.3 2.2 9.5 6.5c-2.2 4.3-5.4 6.5-9.5 6.5S4.7 16.3 2.5 12zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z',
  download: 'M12 4v11M7.5 10.5L12 15l4.5-4.5M4.5 19.5h15',
  star: 'M12 4l2.4 5.2 5.6.7-4.2 3.9 1.1 5.7L12 16.7 7.1 19.5l1.1-5.7L4 9.9l5.6-.7z',
  away: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z',
  open: 'M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5',
  tools: 'M4 7h9M18 7h2M4 17h2M11 17h9M15.5 4.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5zM8.5 14.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5z',
  hand: 'M8 12V6.5a1.5 1.5 0 0 1 3 0V11V4.500a1.5 1.5 0 0 1 3 0V11V6a1.5 1.5 0 0 1 3 0v8c0 4-2.500 6.5-6 6.5-3 0-4.5-1.500-5.500-3.500L4 14a1.4 1.4 0 0 1 2.400-1.400L8 14.500',
  pointer: 'M6 3.500l12.500 9-5.500 1 3.200 6-2.600 1.300-3.100-6.100L6 18.500z',
  laser: 'M12 9.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5zM12 3v3M12 18v3M3 12h3M18 12h3M5.600 5.600l2 2M16.400 16.400l2 2M18.400 5.600l-2 2M7.600 16.400l-2 2',
  arrow: 'M5 19L19 5M11 5h8v8',
  box: 'M4.500 6h15v12h-15z',
  number: 'M12 3.500a8.500 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17zM10 9.500l2.500-1.500v8',
  clear: 'M8.500 19.500L4 15l9-9.500L19.500 12 12.500 19.500zM8.500 19.500H20M8.700 10.200l6.500 6.500',
  freeze: 'M8.500 5v14M15.500 5v14',
  fit: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  actual: 'M5.500 8.500L8 7v10M16 8.500L18.500 7v10M12.500 10v.1M12.500 14v.1',
  minus: 'M6 12h12',
  plus: 'M6 12h12M12 6v12',
  full: 'M14 4h6v6M10 20H4v-6M20 4l-7 7M4 20l7-7',
  camera: 'M4 8h3.500L9 5.500h6L16.500 8H20v11H4zM12 10a3.300 3.300 0 1 1 0 6.600 3.300 3.300 0 0 1 0-6.600z',
  figures: 'M5 20V10M12 20V4M19 20v-7',
} as const;

export type IconName = keyof typeof paths;

/** A picture beside words that say the same: nothing is read out. */
export function Icon({ name, class: cls }: { name: IconName; class?: string }) {
  return <svg class={cls ? `icon ${cls}` : 'icon'} viewBox="0 0 24 24" aria-hidden="true"><path d={paths[name]} /></svg>;
}

const ticks = {
  sending: 'M8 1.3a4.7 4.7 0 1 1 0 9.4 4.7 4.7 0 0 1 0-9.4zM8 3.5V6l1.7 1.3',
  sent: 'M4 6.5L7 9.5l5.5-7',
  delivered: 'M1 6.5L4 9.5l5.5-7M7.5 8.5l1 1 5.5-7',
  read: 'M1 6.5L4 9.5l5.5-7M7.5 8.5l1 1 5.5-7',
} as const;

/** How far an own message has come: a picture with a name. */
export function Ticks({ mark, label }: { mark: keyof typeof ticks; label: string }) {
  return <svg class={`ticks ${mark}`} viewBox="0 0 16 12" role="img" aria-label={label}><path d={ticks[mark]} /></svg>;
}
