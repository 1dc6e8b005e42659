import { useApiHolder } from '@backstage/core-plugin-api';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { Combobox, Tag, TagGroup } from '@backstage/ui';
import { useResource } from '../../api/useResource';
import { useText } from '../../translation';
import { nameOf } from '../../ui/figures';

/** More people than this are found by typing their reference. */
const mostOffered = 500;

/** People and teams who are asked to look at a change; the catalog knows them. */
export function ReviewerField(props: {
  chosen: string[];
  onChange(chosen: string[]): void;
}) {
  const { chosen, onChange } = props;
  const t = useText();
  const known = usePeople();
  const add = (ref: string) => {
    const whole = ref.includes(':') ? ref : `user:default/${ref}`;
    if (ref.trim() !== '' && !chosen.includes(whole))
      onChange([...chosen, whole]);
  };
  return (
    <div>
      <Combobox
        // Empty again after each choice.
        key={chosen.join(' ')}
        label={t('editor.reviewers')}
        placeholder={t('editor.addReviewer')}
        allowsCustomValue
        options={known
          .filter(({ id }) => !chosen.includes(id))
          .map(({ id, label }) => ({ id, label }))}
        onChange={key => key !== null && add(String(key))}
        onKeyDown={event => {
          const typed = (event.target as HTMLInputElement).value;
          if (event.key === 'Enter' && /^\w+:[\w./-]+$/.test(typed)) add(typed);
        }}
      />
      {chosen.length > 0 && (
        <TagGroup
          aria-label={t('editor.reviewers')}
          onRemove={keys => onChange(chosen.filter(ref => !keys.has(ref)))}
        >
          {chosen.map(ref => (
            <Tag key={ref} id={ref} textValue={nameOf(ref)}>
              {known.find(({ id }) => id === ref)?.label ?? nameOf(ref)}
            </Tag>
          ))}
        </TagGroup>
      )}
    </div>
  );
}

function usePeople(): { id: string; label: string }[] {
  const catalog = useApiHolder().get(catalogApiRef);
  const people = useResource({
    key: 'people',
    load: async () => {
      const found = await catalog?.getEntities({
        filter: { kind: ['User', 'Group'] },
        fields: ['kind', 'metadata', 'spec.profile'],
        limit: mostOffered,
      });
      return (found?.items ?? []).map(entity => {
        const profile = entity.spec?.profile as
          | { displayName?: string }
          | undefined;
        const { title, name } = entity.metadata;
        return {
          id: stringifyEntityRef(entity),
          label: profile?.displayName ?? title ?? name,
        };
      });
    },
  });
  return people.value ?? [];
}
