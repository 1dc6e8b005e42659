/** Whether a text holds markers of a conflict that are not settled; those that git had before are its own matter. */
export function hasMarkers(text: string, before: string = ''): boolean {
  const markers = /^(<{7} |>{7} )/m;
  return markers.test(text) && !markers.test(before);
}
