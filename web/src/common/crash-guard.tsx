import { Alert, Button, Container } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { strings } from '../strings.js';

type Props = { children: ReactNode };

/** Shows a sentence where a part of the page has thrown. */
export class CrashGuard extends Component<Props, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render() {
    if (!this.state.isBroken) return this.props.children;
    return (
      <Container size="sm" py="xl">
        <Alert color="red" title={strings.errors.unforeseen} role="alert">
          <Button onClick={() => window.location.reload()}>{strings.common.tryAgain}</Button>
        </Alert>
      </Container>
    );
  }
}
