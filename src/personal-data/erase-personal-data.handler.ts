import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { v5 as uuidv5 } from 'uuid';
import { AccessDenials } from '../audit/access-denials.js';
import { isOf, nameless, type CommandRequest } from '../event-store/command-request.js';
import { DecideAndAppend } from '../event-store/decide-and-append.js';
import type { Position } from '../event-store/position.js';
import { erasureDecider } from './erasure.decider.js';
import { PersonKeys } from './person-keys.js';

export class ErasePersonalData extends Command<{ personId: string; position: Position | null }> {
  constructor(
    readonly request: CommandRequest,
    readonly personId: string,
  ) {
    super();
  }
}

const NAMESPACE = '5a0c8d1e-0f0b-4d0f-9a86-4b3e2f6c7d10';

@CommandHandler(ErasePersonalData)
export class ErasePersonalDataHandler implements ICommandHandler<ErasePersonalData> {
  constructor(
    private readonly log: DecideAndAppend,
    private readonly keys: PersonKeys,
    private readonly denials: AccessDenials,
  ) {}

  async execute({ request, personId }: ErasePersonalData) {
    const { now, caller } = request;
    const { tenantId } = caller;
    const streamId = uuidv5(JSON.stringify([tenantId, personId]), NAMESPACE);
    this.log.authorise(request);
    const forgetting = isOf(request, { tenantId, personId }) ? nameless(request) : request;
    const { position } = await this.log.run(erasureDecider, streamId, forgetting, async () => {
      // The key first: whatever comes after the event on the log cannot be opened with it. Should the append fail, asking again completes it.
      await this.keys.destroy({ tenantId, personId });
      this.denials.forget({ tenantId, personId });
      return { type: 'ErasePersonalData', personId, now };
    });
    return { personId, position };
  }
}
