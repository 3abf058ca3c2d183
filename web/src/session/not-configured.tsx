import { Code, Text } from '@mantine/core';
import { strings } from '../strings.js';
import { Doorstep } from './doorstep.js';

export const NotConfigured = () => (
  <Doorstep
    title={strings.entrance.unconfigured}
    text={strings.entrance.unconfiguredText}
    action={strings.common.tryAgain}
  >
    <Code block>OIDC_CLIENT_ID=latchkey-web</Code>
    <Text size="sm">{strings.entrance.redirect(`${window.location.origin}/`)}</Text>
  </Doorstep>
);
