/** Network file systems by type number (statfs(2), linux/magic.h). */
const REFUSED: Readonly<Record<number, string>> = {
  26985: "NFS",
  20859: "SMB",
  4283649346: "CIFS",
  4266872130: "SMB2",
  22092: "NCP",
  1397113167: "AFS",
  1799439955: "AFS",
  1937076805: "Coda",
};

/** File systems that may be local or remote: sshfs is FUSE, and so is a container's folder of its host. */
const DOUBTFUL: Readonly<Record<number, string>> = {
  1702057286: "FUSE",
  16914839: "9P",
  2020557398: "VirtualBox",
  12805120: "Ceph",
  198183888: "Lustre",
  18225520: "GFS2",
  1952539503: "OCFS2",
};

/** Returns a sentence for the operator by the file system's type. A fault refuses the start. */
export function viewFileSystem(type: number): { readonly fault?: string; readonly warning?: string } {
  const unsigned = type >>> 0;
  const refused = REFUSED[unsigned];
  if (refused !== undefined)
    return {
      fault: `The data directory is on a network file system (${refused}), where SQLite's locks and log do not hold.`,
    };
  const doubtful = DOUBTFUL[unsigned];
  if (doubtful === undefined) return {};
  return {
    warning: `The data directory is on ${doubtful}: if that is another machine's disk, SQLite's locks and log may not hold.`,
  };
}
