import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const from = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const storefront = from('../examples/storefront');

// The React page of examples/storefront as one module, with the React of this folder: a shop has its own build.
export default defineConfig({
  root: storefront,
  resolve: {
    alias: { react: from('node_modules/react'), 'react-dom': from('node_modules/react-dom') },
  },
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    lib: { entry: `${storefront}/react.jsx`, formats: ['es'], fileName: () => 'react.js' },
  },
});
