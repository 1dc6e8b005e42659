import path from 'node:path';

/**
 * Whether a symbolic link of a tree stays in it: relative, climbing only at its beginning and never above the tree. A climb
 * behind another name could start from wherever that name leads.
 */
export function staysInside(linkName: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\0'))
    return false;
  const parts = target.split('/').filter(part => part !== '' && part !== '.');
  const climbs = parts.filter(part => part === '..').length;
  if (parts.slice(0, climbs).some(part => part !== '..')) return false;
  const depth = path.posix.normalize(linkName).split('/').length - 1;
  return climbs < depth;
}

/** Whether a symbolic link of a tree names itself or a folder that holds it, so that whoever follows links never ends. */
export function leadsBack(linkName: string, target: string): boolean {
  const name = path.posix.normalize(linkName);
  const place = path.posix.join(path.posix.dirname(name), target);
  return `${name}/`.startsWith(`${place.replace(/\/+$/, '')}/`);
}
