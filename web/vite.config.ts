/** How the review desk is built: one folder of hashed files that the service serves itself. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The Host header stays as the browser sent it: the service compares it with the Origin.
const service = { target: 'http://127.0.0.1:8080', changeOrigin: false };

export default defineConfig({
  plugins: [react()],
  build: {
    // The service's content policy allows its own files only, so nothing is inlined as data: URLs.
    assetsInlineLimit: 0,
    target: 'es2022',
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // Libraries change seldom: a new release of the desk leaves them in the browser's cache.
        codeSplitting: { groups: [{ name: 'libraries', test: /node_modules/ }] },
      },
    },
  },
  server: { proxy: { '/api': service, '/healthz': service } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
