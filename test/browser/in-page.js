// What tests ask of a page; runs in the browser.

/** What a person at this width could not see whole, in words: empty where all is well. */
function cutOff() {
  const found = [];
  const name = (element) => `${element.tagName.toLowerCase()} '${(element.textContent ?? '').trim().slice(0, 40)}'`;
  const [left, right] = [-0.5, document.documentElement.clientWidth + 0.5];
  if (document.documentElement.scrollWidth > right)
    found.push(`the page is ${document.documentElement.scrollWidth} wide`);
  for (const element of document.body.querySelectorAll('*')) {
    const box = element.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) continue;
    if (box.left < left || box.right > right) found.push(`${name(element)} goes from ${box.left} to ${box.right}`);
    if (element instanceof HTMLElement && element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1)
      found.push(`${name(element)} holds ${element.scrollWidth} in ${element.clientWidth}`);
    const svg = element.closest('svg');
    if (!svg || svg === element || element.closest('title')) continue;
    const frame = svg.getBoundingClientRect();
    // Lines are as wide as their stroke, which the box of a shape leaves out.
    const slack = 1.5;
    const outside =
      box.left < frame.left - slack ||
      box.right > frame.right + slack ||
      box.top < frame.top - slack ||
      box.bottom > frame.bottom + slack;
    if (outside) found.push(`${name(element)} leaves its picture '${svg.getAttribute('aria-label')}'`);
  }
  return found;
}

/** Letters that nobody can read: smaller than this on the screen. */
function tooSmall(least) {
  const found = [];
  for (const text of document.querySelectorAll('svg text, p, td, th, li, h1, h2, h3')) {
    if (text.getBoundingClientRect().width === 0) continue;
    const svg = text.closest('svg');
    const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1;
    const size = scale * Number.parseFloat(getComputedStyle(text).fontSize);
    if (size < least) found.push(`'${text.textContent}' has letters of ${size.toFixed(1)} pixels`);
  }
  return found;
}

/** Words of a picture that lie on one another. */
function overlapping() {
  const found = [];
  for (const svg of document.querySelectorAll('svg')) {
    const words = [...svg.querySelectorAll('text')]
      // Slanted ones have boxes that overlap where the letters do not.
      .filter((text) => !/rotate/.test(text.getAttribute('transform') ?? ''))
      .map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0);
    for (const [at, a] of words.entries()) {
      for (const b of words.slice(at + 1)) {
        const apart =
          a.box.right <= b.box.left + 0.5 ||
          b.box.right <= a.box.left + 0.5 ||
          a.box.bottom <= b.box.top + 4 ||
          b.box.bottom <= a.box.top + 4;
        if (!apart) found.push(`'${a.text}' and '${b.text}' in '${svg.getAttribute('aria-label')}'`);
      }
    }
  }
  return found;
}

globalThis.seen = { cutOff, tooSmall, overlapping };
