import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { AccessDenials } from '../audit/access-denials.js';
import { isOf, nameless, type CommandRequest } from '../event-store/command-request.js';
import { DecideAndAppend } from '../event-store/decide-and-append.js';
import type { Position } from '../event-store/position.js';
import { erasureStreamId } from './erasure-stream.js';
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
    const streamId = erasureStreamId({ tenantId, personId });
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
