// The Console's icons: strokes of one width on a grid of 24, drawn for it.

const paths = {
  chat: 'M5 4h14a2 2 0 0 1 2 2v9a2 2 0 0 1-2 2h-7l-5 4v-4H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2z',
  history: 'M4 12a8 8 0 1 0 2.6-5.9M4 4v4.500h4.500M12 8v4.500l3 1.800',
  search: 'M10.500 4a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13zM15.500 15.500L20 20',
  copy: 'M9 9h9a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-8a2 2 0 0 1 2-2zM4 15V5a2 2 0 0 1 2-2h9',
  phone: 'M8 3h8a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM11 18h2',
  mail: 'M4 6h16v12H4zM4 7l8 6 8-6',
  clock: 'M12 3.500a8.500 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17zM12 7.500V12l3 2',
  renew: 'M19 12a7 7 0 1 1-2-4.900L19.500 9.500M19.500 4.500v5h-5',
  stop: 'M12 3.500a8.500 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17zM6.200 6.200l11.600 11.600',
  door: 'M13 4H6v16h7M10 12h11M17.500 8.500L21 12l-3.500 3.500',
  knock: 'M6 21V4a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v17M3.500 21h17M14.500 12.500v.1',
  person: 'M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4.500 20.500c.6-4 3.500-6 7.500-6s6.900 2 7.500 6',
  smile: 'M12 3.500a8.500 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17zM8.500 14c1.700 2.700 5.300 2.700 7 0M9 9.500v.1M15 9.500v.1',
  link: 'M10 14a4 4 0 0 0 5.700 0l3.100-3.100a4 4 0 0 0-5.700-5.700L12 6.300M14 10a4 4 0 0 0-5.700 0l-3.100 3.100a4 4 0 0 0 5.700 5.700L12 17.700',
  note: 'M5 4h14v10l-6 6H5zM13 20v-6h6M8.500 8.500h7M8.500 12h3',
  send: 'M4 4l17 8-17 8 3-8zM7 12h6',
  more: 'M5.500 12v.1M12 12v.1M18.500 12v.1',
  edit: 'M4 20l1-4.500L16 4.500l3.500 3.500L8.500 19zM14 6.500l3.500 3.500',
  undo: 'M9 5L4.500 9.500 9 14M5 9.500h8.500a5.500 5.500 0 0 1 0 11H10',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  down: 'M6 9.500l6 6 6-6',
  bell: 'M6 17V11a6 6 0 0 1 12 0v6l1.500 1.500h-15zM10 21h4',
  mute: 'M4 9.500v5h3.500L12 19V5L7.500 9.500zM16 9.500l5 5M21 9.500l-5 5',
  sound: 'M4 9.500v5h3.500L12 19V5L7.500 9.500zM15.500 9.500a4 4 0 0 1 0 5M18 7a7.500 7.500 0 0 1 0 10',
  warn: 'M12 4l9 16H3zM12 10v4.500M12 17.300v.1',
  eye: 'M2.500 12c2.200-4.300 5.400-6.500 9.500-6.500s7.300 2.200 9.500 6.500c-2.200 4.300-5.400 6.500-9.500 6.500S4.700 16.300 2.500 12zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z',
  download: 'M12 4v11M7.500 10.500L12 15l4.500-4.500M4.500 19.500h15',
  star: 'M12 4l2.400 5.200 5.600.7-4.200 3.900 1.100 5.700L12 16.700 7.100 19.500l1.100-5.700L4 9.900l5.600-.7z',
  away: 'M19.500 14.500A8 8 0 0 1 9.500 4.500a8 8 0 1 0 10 10z',
  open: 'M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5',
  keyboard: 'M4 6.500h16a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1zM7 10.500v.1M10.300 10.500v.1M13.700 10.500v.1M17 10.500v.1M8.500 14h7',
} as const;

export type IconName = keyof typeof paths;

/** A picture beside words that say the same: nothing is read out. */
export function Icon({ name, class: cls }: { name: IconName; class?: string }) {
  return <svg class={cls ? `icon ${cls}` : 'icon'} viewBox="0 0 24 24" aria-hidden="true"><path d={paths[name]} /></svg>;
}

const ticks = {
  sending: 'M8 1.300a4.700 4.700 0 1 1 0 9.400 4.700 4.700 0 0 1 0-9.400zM8 3.500V6l1.700 1.300',
  sent: 'M4 6.500L7 9.500l5.500-7',
  delivered: 'M1 6.500L4 9.500l5.500-7M7.500 8.500l1 1 5.500-7',
  read: 'M1 6.500L4 9.500l5.500-7M7.500 8.500l1 1 5.500-7',
} as const;

/** How far an own message has come: a picture with a name. */
export function Ticks({ mark, label }: { mark: keyof typeof ticks; label: string }) {
  return <svg class={`ticks ${mark}`} viewBox="0 0 16 12" role="img" aria-label={label}><path d={ticks[mark]} /></svg>;
}
