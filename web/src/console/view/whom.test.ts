import assert from 'node:assert/strict';
import { test } from 'node:test';
import { whom } from './whom';
import type { Room } from '../session/room';

const room = (endUser: string, ...guests: [id: string, standing: string, screen?: boolean, camera?: boolean][]) => ({
  guests: guests.map(([id, standing]) => ({ id, standing })),
  looking: { state: { endUser, equipment: Object.fromEntries(guests.flatMap(([id, , screen, camera]) => (screen === undefined ? [] : [[id, { screen, camera }]]))) } },
}) as unknown as Room;

test('who is asked shows already, or is the newest whose browser can', () => {
  const [desk, phone, silent] = [['desk', 'here', true, false], ['phone', 'here', false, true], ['silent', 'here']] as const;
  const asked = (...[endUser, ...guests]: Parameters<typeof room>) => [false, true].map((camera) => whom(room(endUser, ...guests), camera)?.id);
  assert.deepEqual(asked('', [...desk], [...phone]), ['desk', 'phone']);
  assert.deepEqual(asked('', [...phone]), ['phone', 'phone']);
  assert.deepEqual(asked('desk', [...desk], [...phone]), ['desk', 'desk']);
  assert.deepEqual(asked('', [...desk], [...silent]), ['silent', 'silent']);
  assert.deepEqual(asked('', ['desk', 'left', true, false], [...phone]), ['phone', 'phone']);
  assert.deepEqual(asked('', ['desk', 'left']), [undefined, undefined]);
});
