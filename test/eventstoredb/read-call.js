import { AllSource } from './all-source.js';
import { guarded } from './grpc-server.js';
import { readEvents } from './read-events.js';
import { StreamSource } from './stream-source.js';
import { Subscription } from './subscription.js';

/** Reads and subscriptions come by the same method. `subscriptions` holds those that are open. */
export function readCall(log, subscriptions) {
  return (call, route) => {
    call.onMessage = (bytes) =>
      guarded(call, () => {
        const options = route.requestDeserialize(bytes).getOptions();
        if (!options.hasSubscription()) return readEvents(log, call, options);
        const source = options.hasStream() ? new StreamSource(log, options) : new AllSource(log, options);
        const subscription = new Subscription(call, source);
        const stopWaking = log.onAppended(() => subscription.wake());
        subscriptions.add(subscription);
        call.onClose = () => {
          stopWaking();
          subscriptions.delete(subscription);
        };
      });
  };
}
