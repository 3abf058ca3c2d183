import { Anchor, Button, Container, Group, Menu, Text, useMantineColorScheme } from '@mantine/core';
import type { MouseEvent } from 'react';
import { goTo, paths, usePath, type View } from '../address.js';
import { CheckIcon, KeyIcon, PersonIcon } from '../common/icons.js';
import { mayDo, useService } from '../service.js';
import { strings } from '../strings.js';
import classes from './header.module.css';

/** The top bar: where one can go, and who is there. */
export function Header() {
  const { me } = useService();
  return (
    <>
      <a className={classes.skip} href="#content">
        {strings.shell.skip}
      </a>
      <header className={classes.bar}>
        <Container size="lg" className={classes.row}>
          <Group gap="xs" wrap="nowrap" className={classes.brand}>
            <KeyIcon />
            <Text fw={700}>{strings.product}</Text>
          </Group>
          <nav aria-label={strings.shell.navigation} className={classes.links}>
            <ViewLink view="apps-and-tokens" text={strings.shell.settings} />
            {mayDo(me, 'seeThePast') && <ViewLink view="audit-trail" text={strings.shell.auditTrail} />}
            {mayDo(me, 'seeStatus') && <ViewLink view="status" text={strings.shell.status} />}
          </nav>
          <AccountMenu />
        </Container>
      </header>
    </>
  );
}

function ViewLink({ view, text }: { view: View; text: string }) {
  const isHere = usePath() === paths[view];

  function follow(event: MouseEvent): void {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    goTo(paths[view]);
  }

  return (
    <Anchor
      href={paths[view]}
      onClick={follow}
      className={classes.link}
      underline="never"
      {...(isHere && { 'aria-current': 'page' })}
    >
      {text}
    </Anchor>
  );
}

const schemes = ['auto', 'light', 'dark'] as const;

function AccountMenu() {
  const { me, session } = useService();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const roles = me.roles.map((role) => strings.shell.roles[role]).join(', ');
  return (
    <Menu>
      <Menu.Target>
        <Button
          variant="default"
          size="sm"
          className={classes.account}
          leftSection={<PersonIcon />}
          aria-label={strings.shell.account(me.name)}
        >
          <span className={classes.name}>{me.name}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown maw={280}>
        <Menu.Label>{roles}</Menu.Label>
        <Menu.Divider />
        <Menu.Label>{strings.shell.theme}</Menu.Label>
        {schemes.map((scheme) => (
          <Menu.Item
            key={scheme}
            onClick={() => setColorScheme(scheme)}
            leftSection={<CheckIcon isHidden={scheme !== colorScheme} />}
          >
            {strings.shell.themes[scheme]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => void session.signOut()}>{strings.shell.signOut}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
