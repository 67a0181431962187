import stringWidth from 'string-width';

const segmenter = new Intl.Segmenter();

/**
 * Text from a file or a user, safe to put on screen: escape sequences cannot reach the terminal, control characters
 * show as their pictures, private-use characters are not taken for heatmap cells, and characters without a width, which
 * Ink would nevertheless give a column, are left out.
 */
export function printable(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  const visible = text
    .replace(/[\x00-\x1f]/g, (control) => String.fromCharCode(0x2400 + control.charCodeAt(0)))
    .replace(/\x7f/g, '␡')
    .replace(/[\x80-\x9f\p{Co}\p{Cs}]/gu, '\ufffd');
  return Array.from(segmenter.segment(visible), ({ segment }) => (stringWidth(segment) === 0 ? '' : segment)).join('');
}
