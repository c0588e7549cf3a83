import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { accessToken, product } from './shop.js';

const CONSOLE = 'http://localhost:8100';

// React hands functions and objects to custom elements as properties, and takes `on` + event name for a listener.
function Shop() {
  const [shared, setShared] = useState(0);
  const toSocial = { 'base-url': CONSOLE, accessToken };
  return (
    <main>
      <h1>Share a product</h1>
      <p role="status">{shared ? `Shared ${shared} times from this page.` : ''}</p>
      <seftec-share {...toSocial} product={product} onseftec-post-created={() => setShared((times) => times + 1)} />
      <seftec-connections {...toSocial} />
    </main>
  );
}

createRoot(document.getElementById('shop')).render(<Shop />);
