// Physical keys by their place: KeyboardEvent.code (W3C) and its usage on the
// Keyboard/Keypad page of the HID Usage Tables, as internal/control has them.

const RUNS: [first: number, codes: string][] = [
  [0x04, 'KeyA KeyB KeyC KeyD KeyE KeyF KeyG KeyH KeyI KeyJ KeyK KeyL KeyM KeyN KeyO KeyP KeyQ KeyR KeyS KeyT KeyU KeyV KeyW KeyX KeyY KeyZ Digit1 Digit2 Digit3 Digit4 Digit5 Digit6 Digit7 Digit8 Digit9 Digit0 Enter Escape Backspace Tab Space Minus Equal BracketLeft BracketRight Backslash'],
  [0x33, 'Semicolon Quote Backquote Comma Period Slash CapsLock F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 PrintScreen ScrollLock Pause Insert Home PageUp Delete End PageDown ArrowRight ArrowLeft ArrowDown ArrowUp NumLock NumpadDivide NumpadMultiply NumpadSubtract NumpadAdd NumpadEnter Numpad1 Numpad2 Numpad3 Numpad4 Numpad5 Numpad6 Numpad7 Numpad8 Numpad9 Numpad0 NumpadDecimal IntlBackslash ContextMenu'],
  [0x67, 'NumpadEqual F13 F14 F15 F16 F17 F18 F19 F20 F21 F22 F23 F24'],
  [0x87, 'IntlRo KanaMode IntlYen Convert NonConvert'],
  [0x90, 'Lang1 Lang2'],
  [0xe0, 'ControlLeft ShiftLeft AltLeft MetaLeft ControlRight ShiftRight AltRight MetaRight'],
];

const USAGES = new Map(RUNS.flatMap(([first, codes]) => codes.split(' ').map((code, i) => [code, first + i] as const)));

/** The usage of a key; undefined for one that no helper knows. */
export function usageOf(code: string): number | undefined {
  return USAGES.get(code);
}

/** Says whether a key only changes what others do. */
export function isModifier(code: string): boolean {
  return /^(Control|Shift|Alt|Meta)(Left|Right)$/.test(code);
}
