import { Menu } from '@mantine/core';
import { useState } from 'react';
import { BusyButton } from '../common/busy-button.js';
import { useAnnounce } from '../common/announcements.js';
import { RequestError } from '../graphql/request-error.js';
import type { Sender } from '../graphql/sender.js';
import { useService } from '../service.js';
import { strings } from '../strings.js';
import { filterNames, type Filters } from './audit-list.js';

const texts = strings.audit.export;
type Format = keyof typeof texts.formats;
const formats = Object.keys(texts.formats) as Format[];

/** Takes the filtered trail along as a file. That it was taken is the trail's next entry. */
export function ExportMenu({ values, onError }: { values: Filters; onError: (error: Error | null) => void }) {
  const { send } = useService();
  const announce = useAnnounce();
  const [isBusy, setBusy] = useState(false);

  async function take(format: Format): Promise<void> {
    setBusy(true);
    onError(null);
    try {
      save(...(await download(send, format, values)));
      announce(texts.done);
    } catch (error) {
      onError(error as Error);
    }
    setBusy(false);
  }

  return (
    <Menu>
      <Menu.Target>
        <BusyButton variant="default" isBusy={isBusy}>
          {texts.label}
        </BusyButton>
      </Menu.Target>
      <Menu.Dropdown>
        {formats.map((format) => (
          <Menu.Item key={format} onClick={() => void take(format)}>
            {texts.formats[format]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

/** The whole of it, or an error: what breaks off is not handed over as a file. */
async function download(send: Sender, format: Format, values: Filters): Promise<[Blob, string]> {
  const asked = filterNames.filter((name) => values[name] !== '').map((name): [string, string] => [name, values[name]]);
  const query = new URLSearchParams([['format', format], ...asked]).toString();
  const response = await send(`/audit/export?${query}`);
  if (!response.ok) throw new RequestError(String(response.status), await sentenceOf(response));
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  const content = await response.blob().catch((error: unknown) => {
    throw RequestError.unreachable(error);
  });
  return [content, name ?? `audit-trail.${format}`];
}

async function sentenceOf(response: Response): Promise<string> {
  const answer = (await response.json().catch(() => null)) as { errors?: { message: string }[] } | null;
  return answer?.errors?.[0]?.message ?? texts.failed;
}

function save(content: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
