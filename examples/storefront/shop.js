// REPLACE THIS with your storefront's own session at Supabase:
//   const { data } = await supabase.auth.getSession();
//   return data.session.access_token;
// It is asked before every call, so return the session's present token: elements keep none.
export async function accessToken() {
  const answer = await fetch('access-token');
  if (!answer.ok) throw new Error('nobody is signed in');
  return (await answer.text()).trim();
}

// What your shop knows of the product that is open.
export const product = {
  id: 'kettle-1',
  title: 'Copper kettle',
  description: 'Hand-beaten copper, holds 1.2 litres, whistles when it is ready.',
  price: '79.00',
  currency: 'EUR',
  url: 'https://seftec.store/products/kettle-1',
  image_url: 'http://localhost:8110/assets/picture.jpg',
};
