import assert from 'node:assert/strict';
import { test } from 'node:test';
import { browserOf, systemOf } from './system';

test('systems and browsers are told by what they say', () => {
  const seen = (userAgent: string, platform = '', maxTouchPoints = 0) => [systemOf({ userAgent, platform, maxTouchPoints }), browserOf(userAgent)];
  assert.deepEqual(seen('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0'), ['windows', 'edge']);
  assert.deepEqual(seen('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36'), ['linux', 'chrome']);
  assert.deepEqual(seen('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'), ['linux', 'firefox']);
  assert.deepEqual(seen('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15', 'MacIntel'), ['macos', 'safari']);
  assert.deepEqual(seen('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15', 'MacIntel', 5), ['ios', 'safari']);
  assert.deepEqual(seen('Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36'), ['android', 'chrome']);
  assert.deepEqual(seen('curl/8'), ['', '']);
});
