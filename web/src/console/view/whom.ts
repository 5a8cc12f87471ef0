// Whom a request is for, where several end-users take part.

import type { Room } from '../session/room';

/**
 * The end-user who is asked to show something, by the server's rule: who shows
 * something already, else the newest who is here, of whom one whose browser can.
 */
export function whom({ guests, looking: { state } }: Room, camera: boolean) {
  const able = (id: string) => {
    const can = state.equipment[id];
    return !can || (camera ? can.camera : can.screen);
  };
  const here = guests.filter((g) => g.standing === 'here');
  return guests.find((g) => g.id === state.endUser) ?? here.findLast((g) => able(g.id)) ?? here.at(-1);
}
