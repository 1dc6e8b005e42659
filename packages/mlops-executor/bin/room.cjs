/*
 * The room of a step: a root of its own, made of read-only views of the host's programs, empty folders the step may write to,
 * and nothing else. It is laid out as folders below `<directory>/fs` and a list of mounts; `unshare` makes the namespaces, a
 * few lines of shell mount the list, leave the host's root behind and drop every right.
 */
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const nobody = 65534;

// The host's root is hung for a moment over a folder of ours, then let go. The room is hung once more over itself: for the
// kernel the step then lives in a changed root and gets no namespaces of its own, where it could mount memory that nobody counts.
// A command that ended because the kernel gave it no more processes leaves them behind: they are counted before they go with it.
// The step stands behind all others, for the processor and when memory is short; process 1, which has to end it, does not.
// Runs as process 1 of the new namespaces, still with the right to mount. The third file descriptor tells the executor why
// the command was never started; the command itself does not have it. What the shell says of a signal that ended the command is no
// line of the command's.
const roomScript = `
root=$1; dir=$2; streams=$3; most=$4; own=$5; drop=$6; shift 6
fail() { echo "$1" >&3; trap - EXIT; exit 64; }
set -e
trap 'echo "fault the room of the step could not be built" >&3; exit 64' EXIT
/bin/mount --all --fstab "$root/../room.fstab"
cd "$root"
/usr/sbin/pivot_root . opt/node
cd /
/bin/umount -l /opt/node
/bin/mount --rbind / /
cd "$dir" 2>/dev/null || fail "workdir $dir"
case "$1" in
  */*) [ -e "$1" ] || fail "absent $1"; [ -f "$1" ] && [ -x "$1" ] || fail "denied $1" ;;
  *) found=; IFS=:
     for folder in $PATH; do if [ -f "$folder/$1" ] && [ -x "$folder/$1" ]; then found=1; break; fi; done
     unset IFS; [ "$found" ] || fail "missing $1" ;;
esac
trap - EXIT
set +e
ulimit -c 0
[ "$streams" = one ] && exec 2>&1
{
  for place in oom_score_adj:800 autogroup:5; do
    { echo "\${place#*:}" > /proc/self/\${place%:*}; } 2>/dev/null
  done
  [ "$most" ] && { ulimit -u "$most" || ulimit -p "$most"; } 2>/dev/null
  echo started >&3
  exec 3>&- /usr/bin/nice -n 10 /usr/bin/setpriv $drop -- "$@"
} &
wait $! 2>/dev/null
code=$?
[ "$own" ] && [ $code != 0 ] && { set -- /proc/[0-9]*; [ $# -le $((own + 1)) ] || echo "crowded $(($# - 1))" >&3; }
exit $code
`;

/**
 * Makes a folder below the root without ever going through a link: what was staged there may hold links that lead to the host.
 * @param {string} root
 * @param {string} inside
 * @returns {string} its host path
 */
function makeFolder(root, inside) {
  let place = root;
  for (const name of path.posix
    .normalize(`/${inside}`)
    .split('/')
    .filter(Boolean)) {
    place = path.join(place, name);
    const stat = fs.lstatSync(place, { throwIfNoEntry: false });
    if (!stat) fs.mkdirSync(place);
    else if (!stat.isDirectory())
      throw new Error(
        `'${inside}' cannot be a folder of the step: a file or a link is in the way`,
      );
  }
  return place;
}

/** Writes a file of the room; a file or link that was staged in its place is not followed. */
function makeFile(root, inside, content) {
  const folder = makeFolder(root, path.posix.dirname(`/${inside}`));
  fs.writeFileSync(path.join(folder, path.basename(inside)), content, {
    flag: 'wx',
  });
}

/** Rows of the mount list for the host's programs and devices. */
function systemMounts(root) {
  const mounts = [
    [root, '/', 'none', 'bind,nosuid,nodev'],
    ['proc', '/proc', 'proc', 'nosuid,nodev,noexec'],
    [
      path.dirname(process.execPath),
      '/opt/node/bin',
      'none',
      'bind,ro,nosuid,nodev',
    ],
    ['/usr', '/usr', 'none', 'bind,ro,nosuid,nodev'],
  ];
  for (const name of ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']) {
    const stat = fs.lstatSync(`/${name}`, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink())
      fs.symlinkSync(fs.readlinkSync(`/${name}`), path.join(root, name));
    else if (stat)
      mounts.push([`/${name}`, `/${name}`, 'none', 'bind,ro,nosuid,nodev']);
  }
  for (const name of ['ssl', 'alternatives', 'pki', 'fonts'])
    if (fs.existsSync(`/etc/${name}`))
      mounts.push([
        `/etc/${name}`,
        `/etc/${name}`,
        'none',
        'bind,ro,nosuid,nodev',
      ]);
  for (const [, target] of mounts) makeFolder(root, target);
  for (const name of ['null', 'zero', 'full', 'random', 'urandom']) {
    makeFile(root, `dev/${name}`, '');
    mounts.push([`/dev/${name}`, `/dev/${name}`, 'none', 'bind,nosuid']);
  }
  return mounts;
}

function makeSystemFiles(root) {
  for (const name of ['tmp', 'var/tmp', 'dev/shm'])
    fs.chmodSync(makeFolder(root, name), 0o1777);
  for (const name of ['srv', 'home', 'run', 'var/run']) makeFolder(root, name);
  for (const [name, target] of [
    ['fd', ''],
    ['stdin', '/0'],
    ['stdout', '/1'],
    ['stderr', '/2'],
  ])
    fs.symlinkSync(`/proc/self/fd${target}`, path.join(root, 'dev', name));
  makeFile(
    root,
    'etc/passwd',
    'root:x:0:0:root:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/tmp:/bin/sh\n',
  );
  makeFile(root, 'etc/group', 'root:x:0:\nnogroup:x:65534:\n');
  for (const name of [
    'hosts',
    'resolv.conf',
    'nsswitch.conf',
    'ld.so.cache',
    'localtime',
  ])
    if (fs.existsSync(`/etc/${name}`))
      makeFile(root, `etc/${name}`, fs.readFileSync(`/etc/${name}`));
}

/** Row of the mount list for one mount of the specification. */
function mountOf(root, { source, target, readOnly }) {
  const stat = fs.statSync(source, { throwIfNoEntry: false });
  if (!stat) throw new Error(`the mount source '${source}' does not exist`);
  if (stat.isDirectory()) makeFolder(root, target);
  else makeFile(root, target, '');
  return [source, target, 'none', `bind,nosuid,nodev${readOnly ? ',ro' : ''}`];
}

// A command that runs as nobody may write only what is nobody's.
function giveAway(place) {
  fs.lchownSync(place, nobody, nobody);
  for (const entry of fs.readdirSync(place, { withFileTypes: true })) {
    const full = path.join(place, entry.name);
    if (entry.isDirectory()) giveAway(full);
    else fs.lchownSync(full, nobody, nobody);
  }
}

// A container's runtime makes a missing working directory; a link on the way is left to the step itself.
function makeWorkingDir(root, inside) {
  try {
    makeFolder(root, inside);
  } catch {
    // `cd` in the room decides.
  }
}

/**
 * How many processes the kernel itself allows. The executor counts each step's own and ends it at its limit; this is for a storm that
 * grows faster than it is counted. A room with a user namespace is counted for itself since Linux 5.14; elsewhere the kernel counts
 * what all steps run together, as one user.
 */
function heldByKernel(processes, privileged) {
  const [major, minor] = os.release().split('.').map(Number);
  const countsRooms = major > 5 || (major === 5 && minor >= 14);
  return privileged || !countsRooms
    ? processes * (2 + os.availableParallelism())
    : processes + 64;
}

/**
 * Lays out the room and says how to enter it.
 * @returns {[string, string[]]} program and arguments
 */
function enterRoom(root, spec) {
  const privileged = process.getuid() === 0;
  const workingDir = spec.workingDir ?? '/';
  const mounts = systemMounts(root);
  makeSystemFiles(root);
  mounts.push(...spec.mounts.map(mount => mountOf(root, mount)));
  for (const name of spec.writable) makeFolder(root, name);
  if (
    !spec.mounts.some(({ target }) => `${workingDir}/`.startsWith(`${target}/`))
  )
    makeWorkingDir(root, workingDir);
  const escape = text =>
    text.replace(
      /[\s\\#]/g,
      char => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
    );
  const rows = mounts.map(
    ([from, to, type, options]) =>
      `${escape(from)} ${escape(path.join(root, to))} ${type} ${options} 0 0\n`,
  );
  fs.writeFileSync(path.join(root, '../room.fstab'), rows.join(''));
  if (privileged) giveAway(root);
  const names = ['--mount', '--pid', '--ipc', '--fork', '--kill-child'];
  if (!privileged) names.unshift('--user', '--map-root-user');
  const identity = privileged
    ? ` --reuid=${nobody} --regid=${nobody} --clear-groups`
    : '';
  const drop = `--no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all${identity}`;
  const streams = spec.captureResult === false ? 'one' : 'two';
  const processes = spec.limits?.processes;
  const most = processes ? String(heldByKernel(processes, privileged)) : '';
  // When this process is killed, so is the namespace with all that runs in it.
  const enter = [
    '--pdeathsig',
    'KILL',
    '--',
    '/usr/bin/unshare',
    ...names,
    '--',
    '/bin/sh',
    '-c',
    roomScript,
    'room',
  ];
  return [
    '/usr/bin/setpriv',
    [
      ...enter,
      root,
      workingDir,
      streams,
      most,
      String(processes ?? ''),
      drop,
      ...spec.command,
    ],
  ];
}

module.exports = { enterRoom };
