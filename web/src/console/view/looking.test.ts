import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Looking, type Picture } from './looking';
import { log } from '../../lib/fakes';
import type { Talk } from '../session/room';

Object.assign(globalThis, { addEventListener() {}, removeEventListener() {} });

test('who is signed out or removed sees nothing more, at once', () => {
  const picture = {
    state: 'off', wake() {}, hear() {},
    watch: () => void (picture.state = 'live'),
    unwatch: () => void (picture.state = 'off'),
  };
  const talk = {
    you: 'ada', status: 'online',
    conversation: { ended: undefined, views: log({ type: 'view-granted', by: 'eve', data: { agent: 'ada', surface: 'monitor' } }) },
  };
  const looking = new Looking('s', talk as unknown as Talk, picture as unknown as Picture);
  for (const out of ['signed-out', 'removed']) {
    talk.status = 'online';
    looking.look();
    assert.equal(picture.state, 'live');
    talk.status = 'offline'; // it goes on from browser to browser
    looking.look();
    assert.equal(picture.state, 'live');
    talk.status = out;
    looking.look();
    assert.equal(picture.state, 'off');
  }
});
