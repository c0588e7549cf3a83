import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const from = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// `npm run dev` beside `make run`: the page with hot reload, the APIs and the session through the running stack.
const base = Number(process.env.SOCIAL_PORT_BASE ?? 8100);
const api = (port: number) => ({
  target: `http://localhost:${base + port}`,
  rewrite: (path: string) => path.replace(/^\/\w+/, ''),
});

// One build: the console's page, and the modules that other pages embed under names that stay.
export default defineConfig({
  server: {
    proxy: {
      '/linker/': api(1),
      '/publisher/': api(2),
      '/analytics/v1': api(3),
      '/session': `http://localhost:${base}`,
      '/operator/status': `http://localhost:${base}`,
      '/config.json': `http://localhost:${base}`,
    },
  },
  build: {
    target: 'es2023',
    modulePreload: false,
    // No data: scripts or styles, which the content security policy would refuse.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        console: from('index.html'),
        'seftec-social': from('src/elements.ts'),
        'seftec-connections': from('src/connections/element.ts'),
        'seftec-composer': from('src/composer/element.ts'),
        'seftec-planner': from('src/planner/element.ts'),
        'seftec-analytics': from('src/analytics/element.ts'),
        'seftec-share': from('src/share/element.ts'),
      },
      preserveEntrySignatures: 'exports-only',
      output: {
        entryFileNames: (chunk) =>
          chunk.name.startsWith('seftec-') ? 'elements/[name].js' : 'assets/[name]-[hash].js',
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
      },
    },
  },
});
