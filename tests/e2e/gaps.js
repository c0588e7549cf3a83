// The accessibility gaps of the page as sentences: names, landmarks, contrast (WCAG AA), width.
() => {
  const gaps = [];
  const all = selector => [...document.querySelectorAll(selector)];

  if (!document.documentElement.lang) gaps.push("the page names no language");
  if (!document.title) gaps.push("the page has no title");
  for (const once of ["h1", "main"])
    if (all(once).length !== 1) gaps.push(`${all(once).length} of ${once} instead of one`);
  for (const control of all("input:not([type=hidden]), select, textarea"))
    if (!control.labels.length) gaps.push(`without a label: ${control.outerHTML}`);
  for (const control of all("a, button"))
    if (!control.textContent.trim()) gaps.push(`without a name: ${control.outerHTML}`);
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) gaps.push("it scrolls sideways");

  const channels = color => color.match(/[\d.]+/g).map(Number);
  const luminance = ([red, green, blue]) => {
    const linear = [red, green, blue].map(c => c / 255).map(c => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const background = element => {
    if (!element) return [255, 255, 255];
    const found = channels(getComputedStyle(element).backgroundColor);
    return found[3] === 0 ? background(element.parentElement) : found;
  };
  const hasText = element => [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
  for (const element of all("body, body *").filter(hasText)) {
    const pair = [luminance(channels(getComputedStyle(element).color)), luminance(background(element))];
    const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (contrast < 4.5) gaps.push(`contrast ${contrast.toFixed(1)}: ${element.textContent.trim()}`);
  }
  return gaps;
}
