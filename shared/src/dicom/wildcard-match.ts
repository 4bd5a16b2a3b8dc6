/**
 * Whether a value meets a pattern in which `*` is any run of characters and `?` any one, upper and lower case alike.
 * Takes at most the product of both lengths in steps, whatever the pattern: only the last `*` is ever tried again.
 *
 * Source: PS3.4 section C.2.2.2.4.
 */
export function matchesWildcard(value: string, pattern: string): boolean {
  const text = [...value.toLowerCase()];
  const wanted = [...pattern.toLowerCase()];
  let [at, place] = [0, 0];
  let [star, resume] = [-1, 0];
  while (at < text.length) {
    if (wanted[place] === '*') {
      star = place;
      resume = at;
      place += 1;
    } else if (place < wanted.length && (wanted[place] === '?' || wanted[place] === text[at])) {
      at += 1;
      place += 1;
    } else if (star >= 0) {
      // The last star takes one character more.
      resume += 1;
      at = resume;
      place = star + 1;
    } else return false;
  }
  while (wanted[place] === '*') place += 1;
  return place === wanted.length;
}
