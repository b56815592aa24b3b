// Every kind of page in light, in dark and on a phone: audited, and kept as a screenshot.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { startServer } from '../clients/node/server.mjs';
import { audit } from './audit.mjs';
import { expectPage, openPage, useChromium } from './chromium.mjs';
import { walks } from './walks.mjs';

const OURS = fileURLToPath(new URL('../../target/screenshots', import.meta.url));
const SHOTS = process.env.GUESTPASS_SCREENSHOTS ?? OURS;

const DESKTOP = { viewport: { width: 1280, height: 800 } };
const LOOKS = {
  light: { ...DESKTOP, colorScheme: 'light' },
  dark: { ...DESKTOP, colorScheme: 'dark' },
  mobile: {
    colorScheme: 'light',
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  },
};

mkdirSync(SHOTS, { recursive: true });
useChromium();

// Each walk has a server and a profile of its own, so several can go at a time.
for (const [look, options] of Object.entries(LOOKS)) {
  describe(`in ${look}`, { concurrency: 4 }, () => {
    for (const [name, walk] of Object.entries(walks)) {
      test(name, async (t) => {
        const server = await startServer(t, ['--http', '127.0.0.1:0', '--no-tls']);
        const { page, unharmed } = await openPage(t, [server.origin], options);
        const see = async (kind, heading, primary) => {
          await expectPage(page, heading);
          await photograph(page, join(SHOTS, `${kind}-${look}.png`));
          await audit(page, primary);
          unharmed();
        };
        await walk({ page, server, see });
      });
    }
  });
}

/** A busy machine makes Chromium give up a picture now and then: a page is asked three times. */
async function photograph(page, path) {
  for (let left = 2; ; left -= 1) {
    try {
      return await page.screenshot({ path, fullPage: true });
    } catch (error) {
      if (left === 0 || !error.message.includes('Unable to capture')) throw error;
    }
  }
}
