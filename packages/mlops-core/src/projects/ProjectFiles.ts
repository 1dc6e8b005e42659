/** One file of a project's folder. @public */
export interface ProjectFileEntry {
  /** Path in the repository. */
  path: string;
  /** Only a file can be edited. */
  kind: 'file' | 'link' | 'submodule';
}

/** Answer of `GET projects/{project}/files`: what the project's folder holds at a commit, by path. @public */
export interface ProjectFileList {
  project: string;
  commit: string;
  /** Path of the folder in the repository. */
  folder: string;
  items: ProjectFileEntry[];
  /** The folder holds more than is listed. */
  truncated: boolean;
}

/** Answer of `GET projects/{project}/files/{path}`: one file at a commit. @public */
export interface ProjectFileText {
  project: string;
  commit: string;
  path: string;
  sizeBytes: number;
  /** Absent when it is no text, or larger than what is edited here. */
  text?: string;
}
