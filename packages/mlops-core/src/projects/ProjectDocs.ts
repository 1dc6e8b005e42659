/** The pages that a project keeps beside its code, at one commit. @public */
export interface ProjectDocs {
  project: string;
  /** Title of the project. */
  title: string;
  commit: string;
  /** The same as long as the files are the same. */
  version: string;
  /** Below the project's folder: `docs/**`, `README.md` and `mkdocs.yml`. */
  files: { path: string; base64: string }[];
  /** Files that are too large, too many or of a kind that is not shown. */
  leftOut: { path: string; reason: string }[];
}
