/*
 * What people say about a request. A text carries a mark, so that one whose answer was lost is not said twice.
 */
import {
  InputError,
  type HostActor,
  type ReviewVerdict,
} from '@backstage-mlops/mlops-core';
import { randomUUID } from 'node:crypto';
import type { GithubReader } from './GithubReader';
import type { GithubRepository } from './GithubRepository';
import { readBody, toBody, type Marker } from './words';

const says: Record<ReviewVerdict, string> = {
  approved: 'Approved by',
  'changes-requested': 'Changes requested by',
  commented: 'Reviewed by',
};
const events: Record<ReviewVerdict, string> = {
  approved: 'APPROVE',
  'changes-requested': 'REQUEST_CHANGES',
  commented: 'COMMENT',
};

export class GithubConversation {
  constructor(
    private readonly repository: GithubRepository,
    private readonly reader: GithubReader,
  ) {}

  /** Says something about a request. */
  async comment(
    number: number,
    { by, text }: { by: HostActor; text: string },
  ): Promise<void> {
    if (text.trim() === '')
      throw new InputError('comment must not be empty.', 'invalid-field');
    await this.reader.raw(number);
    const marker = { by: by.ref, id: randomUUID() };
    await this.repository.once(
      'POST /issues/{issue_number}/comments',
      { issue_number: number, body: toBody(text, 'Said by', by, marker) },
      () => this.said('GET /issues/{issue_number}/comments', number, marker),
    );
  }

  /** Gives a verdict on a request that is open. */
  async review(
    number: number,
    review: { by: HostActor; verdict: ReviewVerdict; comment?: string },
  ): Promise<void> {
    const raw = await this.reader.opened(number);
    const { author } = await this.reader.summary(raw);
    if (review.verdict === 'approved' && review.by.ref === author)
      throw new InputError(
        'The author of a request cannot approve it.',
        'invalid-field',
      );
    const { by, verdict } = review;
    const marker = { by: by.ref, id: randomUUID(), verdict };
    const isOurs = raw.user?.login === (await this.repository.login());
    await this.repository.once(
      'POST /pulls/{pull_number}/reviews',
      {
        pull_number: number,
        commit_id: raw.head.sha,
        event: isOurs ? 'COMMENT' : events[verdict],
        body: toBody(review.comment ?? '', says[verdict], by, marker),
      },
      () => this.said('GET /pulls/{pull_number}/reviews', number, marker),
    );
  }

  // Whether a text of the portal is there already, by the mark that it carries.
  private async said(
    route: string,
    number: number,
    { id }: Marker,
  ): Promise<unknown> {
    const login = await this.repository.login();
    const items = await this.repository.all(route, {
      issue_number: number,
      pull_number: number,
    });
    return items.find(
      item => readBody(item.body, item.user?.login === login).marker?.id === id,
    );
  }
}
