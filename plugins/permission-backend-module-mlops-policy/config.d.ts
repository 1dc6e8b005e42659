export interface Config {
  mlops?: {
    /** Groups and people of the example policy: entity references, as group:default/reviewers. */
    policy?: {
      /** Propose in every project, review and merge there what others wrote. */
      reviewers?: string[];
      /** Run, stop and propose in every project, without owning it. */
      builders?: string[];
    };
  };
}
