import { Badge } from '@mantine/core';

const colors = { ACTIVE: 'green', DISABLED: 'gray.6', EXPIRED: 'orange', REVOKED: 'red' } as const;

export const StatusBadge = ({ status, label }: { status: keyof typeof colors; label: string }) => (
  <Badge variant="dot" size="lg" color={colors[status]} tt="none" fw={500}>
    {label}
  </Badge>
);
